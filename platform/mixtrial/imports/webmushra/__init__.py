"""webMUSHRA's pages as tables, from the files that it writes and the sessions that it posts."""
