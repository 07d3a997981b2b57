"""Files by which an archive is found, cited and read in other programs, one form per file."""
