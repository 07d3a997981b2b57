"""Exports: tables in which what was said leaves a study, one file each, found by the registry."""
