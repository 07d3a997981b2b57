"""Tidy ratings to findings: statistics, figures, report."""
