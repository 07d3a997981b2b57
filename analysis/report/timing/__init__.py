"""Remaining time of a report, estimated while the report is made."""
