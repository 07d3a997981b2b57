"""Cumulative link mixed models: their likelihood, its maximum, and tests."""
