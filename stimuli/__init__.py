"""Study file to blind, level-matched stimuli and the order in which they are heard."""
