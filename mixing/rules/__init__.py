"""Rules that choose parameters from measurements of a song: spectral masking, tempo."""
