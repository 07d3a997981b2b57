"""What passes in and out of the archive: records, steps and what can go wrong."""
