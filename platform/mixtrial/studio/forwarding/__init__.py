"""Requests of participants, forwarded to a study's server, and its answers."""
