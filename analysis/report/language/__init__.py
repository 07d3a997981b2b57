"""The report in languages other than English; each language has one file of texts."""
