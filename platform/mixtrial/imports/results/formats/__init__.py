"""Formats of results, one file each: what is one is told by its content, never by its name."""
