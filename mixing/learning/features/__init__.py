"""What a network sees of a song, and what it shall predict."""
