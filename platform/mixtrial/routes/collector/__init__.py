"""A server for webMUSHRA's own front end: it keeps the sessions that are posted to it."""
