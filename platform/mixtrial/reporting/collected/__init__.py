"""Sessions stored by ``mixtrial collect``: input of a report, and files."""
