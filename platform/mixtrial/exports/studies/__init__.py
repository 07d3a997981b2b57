"""Studies exported in the format of another tool: one file per tool, each with a ``WRITER``."""
