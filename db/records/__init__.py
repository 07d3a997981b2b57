"""Records that pass in and out of the archive: records, steps and what can go wrong."""
