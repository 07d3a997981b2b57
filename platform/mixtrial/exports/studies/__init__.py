"""Studies that leave in the form of another tool: one file a tool, each with a ``WRITER``."""
