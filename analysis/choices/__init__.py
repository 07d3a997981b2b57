"""Strengths of systems, estimated from pairs with ties, rankings, and choices of the best."""
