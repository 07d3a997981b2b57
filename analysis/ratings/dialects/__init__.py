"""Dialects of one table: how text, cells and numbers are in the file, whoever wrote it."""
