"""Requests of participants, passed on to its server and back."""
