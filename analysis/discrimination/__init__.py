"""What can be told apart: right answers, sensitivity, thresholds, and how many listeners hear."""
