"""Findings of trials that ask whether a difference is heard."""
