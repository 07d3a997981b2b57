"""Statistics, figures and a report, computed from tables of ratings."""
