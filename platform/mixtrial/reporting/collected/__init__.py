"""Sessions that ``mixtrial collect`` keeps: what a report is made of, and as files."""
