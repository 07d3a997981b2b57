"""Copying of a study's database while the study runs, and restoring from copies."""
