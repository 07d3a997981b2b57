"""Mixing systems; each system is one file: baseline, cnn, human, match, random."""
