"""HTTP routes: one subject per file, and the table that lists them."""
