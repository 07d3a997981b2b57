"""Dialects of a table: text encodings, separators and number formats of any program."""
