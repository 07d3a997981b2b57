"""Strengths of systems: estimates from paired comparisons, rankings and choices of the best."""
