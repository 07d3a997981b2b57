"""Exports: tables of a study, one file each, found by the registry."""
