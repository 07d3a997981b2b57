"""Findings of tests that choose the next trial by the answers before."""
