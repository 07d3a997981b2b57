"""Exports: tables of a study, one file each, which the registry finds."""
