"""Exclusions from a study's report, and their column in exported tables."""
