"""Formats in which what was said leaves the database: one file each, found by the registry."""
