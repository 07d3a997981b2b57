"""Recommendations as rules, and the departures of a study from them."""
