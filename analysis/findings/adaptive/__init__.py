"""Findings of adaptive tests, in which each trial depends on the previous answers."""
