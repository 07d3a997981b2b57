"""Calibrated seats of a laboratory: pink noise, the measured level, participants at the seat."""
