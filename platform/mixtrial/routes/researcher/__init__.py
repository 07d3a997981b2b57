"""Routes for researchers who have signed in to the dashboard."""
