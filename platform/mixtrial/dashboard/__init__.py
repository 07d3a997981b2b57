"""The researcher's pages at /admin, one per file."""
