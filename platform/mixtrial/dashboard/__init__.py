"""The researcher's pages at /admin, one screen per file."""
