"""Features, networks, their training and their weights; the only package that imports torch."""
