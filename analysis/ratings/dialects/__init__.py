"""Dialects of a table: the text encodings, separators and number formats of other programs."""
