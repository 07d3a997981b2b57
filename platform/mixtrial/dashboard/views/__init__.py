"""One view of the dashboard a file."""
