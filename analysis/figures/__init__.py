"""Figures of a report: one kind of plotly figure per module, one style for all."""
