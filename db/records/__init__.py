"""Inputs and outputs of the database: records, steps and errors."""
