"""Files for writing a paper from the report: LaTeX, and the literature in BibTeX."""
