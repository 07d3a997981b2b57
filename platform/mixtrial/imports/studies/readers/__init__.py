"""Readers of other tools' studies: one file per tool, each with a constant ``READER``."""
