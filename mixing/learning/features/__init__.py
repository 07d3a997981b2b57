"""Input of a network for a song, and the network's targets."""
