"""Vocal and backing to mix: knows nothing of people, screens or storage."""
