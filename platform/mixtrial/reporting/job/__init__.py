"""A report made while nobody waits for it: a process of its own, and how far it is."""
