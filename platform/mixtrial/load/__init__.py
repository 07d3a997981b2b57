"""Measurement of the load that a server can handle: ``python -m mixtrial.load``."""
