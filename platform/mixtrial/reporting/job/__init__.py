"""A report made in the background by a separate process, and its progress."""
