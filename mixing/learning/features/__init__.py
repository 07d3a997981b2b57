"""Input of a network about a song, and its targets."""
