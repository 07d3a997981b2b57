"""What a server bears, measured on loopback and bounded in time: ``python -m mixtrial.load``."""
