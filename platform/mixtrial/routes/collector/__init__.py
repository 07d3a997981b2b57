"""A server that stores the sessions posted by webMUSHRA's own front end."""
