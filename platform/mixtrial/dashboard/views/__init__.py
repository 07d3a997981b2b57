"""Views of the dashboard, one per file."""
