"""Tests before the end of a study, at declared looks at the data or at any time."""
