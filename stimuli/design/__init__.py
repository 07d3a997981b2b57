"""Presentation of stimuli to participants in balanced orders, and the proof of balance."""
