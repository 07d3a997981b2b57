"""Page types, one per file: keys, needed stimuli, pages, and valid answers."""
