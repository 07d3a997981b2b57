"""Findings of trials about whether a difference is heard."""
