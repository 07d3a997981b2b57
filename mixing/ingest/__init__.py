"""Input: reading of audio files of every kind, and their conversion to the form of a song."""
