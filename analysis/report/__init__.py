"""The report: its input, its sections, tables and figures, and the HTML page."""
