"""Cumulative link mixed models: likelihood, maximum, and tests."""
