"""Balanced orders in which participants get the stimuli, and the proof of their balance."""
