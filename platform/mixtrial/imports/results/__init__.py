"""Results of other tools, and tables from any source, as a table of ratings or choices."""
