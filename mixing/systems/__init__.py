"""Mixing systems, one a file: baseline, cnn, human, match, chance."""
