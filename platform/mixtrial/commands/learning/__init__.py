"""Commands for training the networks: separate, prepare, train, evaluate."""
