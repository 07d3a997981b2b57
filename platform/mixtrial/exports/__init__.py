"""Exported tables of a study: one module per table, found by the registry."""
