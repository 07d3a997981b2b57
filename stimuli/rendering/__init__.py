"""Stimuli rendered, matched in level and written under opaque names."""
