"""Calibrated seats of a laboratory: pink noise, measured levels, participants at each seat."""
