"""Calibrated seats of a laboratory: pink noise, measured levels, and participants per seat."""
