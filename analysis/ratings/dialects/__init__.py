"""Dialects of one table: how text, cells and numbers stand in the file, whoever wrote it."""
