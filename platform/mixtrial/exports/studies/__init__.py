"""Studies that leave in the form of another tool: one file per tool, each with a ``WRITER``."""
