"""Copying of a running study's database, and restoring of copies."""
