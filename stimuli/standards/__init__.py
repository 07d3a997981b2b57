"""Recommendations as rules, and how a study stands to them."""
