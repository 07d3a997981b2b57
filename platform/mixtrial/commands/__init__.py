"""Commands of ``mixtrial``, one per file; a file is imported when its command is called."""
