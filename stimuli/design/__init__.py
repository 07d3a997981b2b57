"""Who hears what in which order, and the proof that it is balanced."""
