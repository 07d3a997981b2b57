"""Methods for the ratings of one attribute, one file each; the registry finds these files."""
