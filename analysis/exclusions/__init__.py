"""Difference grades, and whom declared rules leave out of an analysis."""
