"""Discrimination: right answers, sensitivity, thresholds, and the share who hear a difference."""
