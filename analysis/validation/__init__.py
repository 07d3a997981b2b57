"""Validation of the statistics: speed compared with other tools, error rates by Monte Carlo."""
