"""Findings of trials that test whether listeners hear a difference."""
