"""Reading of audio files in all formats, and conversion to a song."""
