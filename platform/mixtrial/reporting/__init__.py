"""Conversion of a study, an archive or a table to the input of the report."""
