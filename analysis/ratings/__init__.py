"""Ratings as a table: reading, description, repeats, screening, and participants."""
