"""A server for webMUSHRA's own front end, which stores its posted sessions."""
