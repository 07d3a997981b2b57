"""Reverb of a finished vocal as a target: an estimate that the delay network imitates."""
