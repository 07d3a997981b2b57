"""Input: files of every kind made into sound that fits a song, with what was mended."""
