"""Cumulative link mixed models: their likelihood, its optimum, and tests of it."""
