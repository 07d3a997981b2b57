"""Meters: loudness, true peak, alignment, and the objective measures of a mix."""
