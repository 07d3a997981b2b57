"""Files of other tools, read with their line numbers; nothing in the files is executed."""
