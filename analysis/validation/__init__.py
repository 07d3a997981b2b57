"""Proof of the statistics: speed beside other tools, and error rates by Monte Carlo."""
