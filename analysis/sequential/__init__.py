"""Tests before the end of a study: declared looks, and at any time."""
