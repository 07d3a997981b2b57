"""Results of other tools, and tables of any make, as a table of ratings or of choices."""
