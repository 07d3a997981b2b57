"""A study as a participant meets it, for whoever makes it; nothing is kept."""
