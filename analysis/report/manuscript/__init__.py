"""The report where papers are written: LaTeX files, and the literature with its BibTeX."""
