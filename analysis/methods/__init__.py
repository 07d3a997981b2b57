"""Methods for the ratings of one attribute: one file per method, found by the registry."""
