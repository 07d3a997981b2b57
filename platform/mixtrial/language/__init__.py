"""Texts of the researcher's pages in languages other than English, one file per language."""
