"""Exclusions from a study's report; exported tables can have a column with them."""
