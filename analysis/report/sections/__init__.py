"""One section of the report a file: its numbers and its sentences."""
