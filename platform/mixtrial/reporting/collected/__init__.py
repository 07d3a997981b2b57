"""Sessions stored by ``mixtrial collect``, as input of a report and as files."""
