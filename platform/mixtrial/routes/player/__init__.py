"""Routes that the player requests at every page: for saving, and for the next page."""
