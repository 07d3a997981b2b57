"""Mixing systems, with one file per system: baseline, cnn, human, match, random."""
