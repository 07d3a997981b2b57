"""Formats of results, one file each; content identifies a format, never a name."""
