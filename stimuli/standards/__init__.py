"""Recommendations as rules, and how far a study follows them."""
