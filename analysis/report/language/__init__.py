"""The report in languages other than English, with one file of texts per language."""
