"""Tests before the end of a study, at declared looks or at any time."""
