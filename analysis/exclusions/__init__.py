"""Difference grades, and exclusions by declared rules."""
