"""Reverb of a finished vocal as a target: heard blindly, then matched by the delay network."""
