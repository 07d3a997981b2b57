"""Findings of an analysis as frozen records, which define results.json and its schema."""
