"""Discrimination: right answers, sensitivity, thresholds, and how many listeners hear."""
