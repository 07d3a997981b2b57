"""Files of other tools, read with their lines, and nothing of them executed."""
