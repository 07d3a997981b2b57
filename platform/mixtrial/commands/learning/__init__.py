"""Commands that teach the networks: separate, prepare, train, evaluate."""
