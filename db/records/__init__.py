"""Inputs and outputs of the database functions: records, steps and errors."""
