"""The pictures of a report: one family of plotly figures a module, one style for all."""
