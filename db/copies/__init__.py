"""Copying a running study's database, and restoring it."""
