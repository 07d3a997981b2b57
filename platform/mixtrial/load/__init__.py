"""Load that a server can handle, measured locally in limited time: ``python -m mixtrial.load``."""
