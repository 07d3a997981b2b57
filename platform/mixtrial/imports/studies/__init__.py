"""Studies of other tools: read into a neutral form, then written with their audio."""
