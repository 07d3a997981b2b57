"""Rules that read a song and choose parameters: spectral masking, tempo."""
