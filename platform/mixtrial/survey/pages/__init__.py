"""Pages of the survey, one per file."""
