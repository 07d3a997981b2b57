"""From a study file to blind, level-matched stimuli and the order of their presentation."""
