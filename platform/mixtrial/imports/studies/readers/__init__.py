"""Tools whose studies are read: one file per tool, each with a constant ``READER``."""
