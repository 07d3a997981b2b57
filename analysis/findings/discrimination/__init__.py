"""Findings of trials that test whether a difference is heard."""
