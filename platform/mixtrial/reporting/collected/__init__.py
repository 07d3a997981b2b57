"""Sessions kept by ``mixtrial collect``: input of a report, and files."""
