"""Discrimination: right answers, sensitivity, thresholds, and the share of listeners who hear."""
