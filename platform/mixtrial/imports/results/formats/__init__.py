"""Results formats, one file each; a format is recognised by content, never by a file name."""
