"""Rendering of stimuli, matching of their levels, and storage under opaque names."""
