"""Tools whose studies are read: one file a tool, each with a constant ``READER``."""
