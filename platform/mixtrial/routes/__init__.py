"""HTTP routes: one subject per file, and the table of all routes."""
