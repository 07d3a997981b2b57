"""webMUSHRA's pages as tables: of the files that it writes, and of the sessions that it posts."""
