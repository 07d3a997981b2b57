"""Dialects of a table: forms of text, cells and numbers in files of any program."""
