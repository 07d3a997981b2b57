"""Sections of the report; one file per section has its numbers and its sentences."""
