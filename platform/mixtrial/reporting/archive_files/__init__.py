"""Files for finding, citing and reading an archive in other programs, one form per file."""
