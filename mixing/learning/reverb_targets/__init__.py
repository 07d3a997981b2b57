"""Reverb of a finished vocal as a target: it is estimated, and the delay network imitates it."""
