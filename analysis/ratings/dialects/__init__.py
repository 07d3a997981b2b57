"""Dialects of a table: text encodings, cells and numbers in files of any program."""
