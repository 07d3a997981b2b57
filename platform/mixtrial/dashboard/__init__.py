"""The researcher's pages at /admin, one screen a file."""
