"""Calibrated seats of a laboratory: pink noise, the level that was measured, who sat there."""
