"""Validation of the statistics: speed beside other tools; error rates in simulated studies."""
