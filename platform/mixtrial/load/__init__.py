"""Load that a server bears, measured on loopback in bounded time: ``python -m mixtrial.load``."""
