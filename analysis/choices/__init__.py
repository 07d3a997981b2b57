"""Strengths of systems, estimated from paired comparisons, rankings, and choices of the best."""
