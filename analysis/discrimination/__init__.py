"""Discrimination: right answers, sensitivity, thresholds, share of listeners who hear."""
