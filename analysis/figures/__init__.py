"""Figures of a report: each module has one kind of plotly figure, and all have the same style."""
