"""Bring in what another tool has: a study, or results."""
