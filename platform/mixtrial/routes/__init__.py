"""HTTP routes: one subject a file, and the table that lists them."""
