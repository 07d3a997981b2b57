"""Reading of audio files of all formats, and conversion to the form of a song."""
