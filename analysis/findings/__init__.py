"""Findings of an analysis: frozen records, from which results.json and its schema are made."""
