"""What is written, row by row, inside the caller's transaction."""
