"""Blind, level-matched stimuli made from a study file, and the order of their presentation."""
