"""Exclusions from a study's report, also as a column of exported tables."""
