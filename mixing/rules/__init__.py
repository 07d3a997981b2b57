"""Rules that choose parameters from measurements of a song: masking rule and tempo rule."""
