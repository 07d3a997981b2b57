"""Features, networks, their training and their weights: the only room that knows torch."""
