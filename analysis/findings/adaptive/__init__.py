"""Findings of adaptive tests, which choose each trial by the previous answers."""
