"""The researcher's pages in other languages than English: one file of texts for each."""
