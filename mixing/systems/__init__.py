"""Mixing systems, one per file: baseline, cnn, human, match, chance."""
