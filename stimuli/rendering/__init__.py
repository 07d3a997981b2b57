"""Stimuli rendered, level-matched and written under opaque names."""
