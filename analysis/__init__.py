"""From tables of ratings to findings: statistics, figures and a report."""
