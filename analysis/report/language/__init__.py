"""The report in other languages than English: one file of texts for each language."""
