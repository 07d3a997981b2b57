"""A report made in the background: a separate process, and its progress."""
