"""Requests of participants, forwarded to a study's server, and the answers of the server."""
