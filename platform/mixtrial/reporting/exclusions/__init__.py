"""Exclusions from a study's report, and the column for them in exported tables."""
