"""Methods for the ratings of one attribute: one file per method; the registry finds the files."""
