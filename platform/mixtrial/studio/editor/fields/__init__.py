"""Fields of a study file, their meanings, and their sections."""
