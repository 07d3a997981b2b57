"""Routes for whoever has signed in to the dashboard."""
