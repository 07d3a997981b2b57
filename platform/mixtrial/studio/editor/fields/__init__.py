"""Fields of a study file, their meanings, and the sections they are in."""
