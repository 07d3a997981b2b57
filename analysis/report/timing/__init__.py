"""Estimate of the time until a report is complete, made while the report is written."""
