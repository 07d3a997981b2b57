"""Files for finding, citing and reading an archive in other programs; one module per file."""
