"""The report: what it is told, its sections, tables and figures, and the page that is written."""
