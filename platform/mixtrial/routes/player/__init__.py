"""Routes that the player asks at every page: it saves, and it turns to the next page."""
