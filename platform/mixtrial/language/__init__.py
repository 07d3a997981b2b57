"""The researcher's pages in languages other than English: one file of texts per language."""
