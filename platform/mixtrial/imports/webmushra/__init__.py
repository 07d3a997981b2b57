"""webMUSHRA's pages as tables: from the files that it writes, or from posted sessions."""
