"""Methods that are run on the ratings of an attribute: one file each, found by the registry."""
