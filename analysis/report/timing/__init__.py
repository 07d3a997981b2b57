"""Remaining time of a report, estimated while it is made."""
