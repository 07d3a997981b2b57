"""Copies of a running study's database, and the way back."""
