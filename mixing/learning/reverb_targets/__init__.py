"""Reverb of a finished vocal as a target: a blind estimate, matched by the delay network."""
