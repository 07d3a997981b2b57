"""Sections of the report; each section has one file with its numbers and its sentences."""
