"""Results formats, one per file; a format is recognised by the content of a results file only."""
