"""Writing row by row, inside the caller's transaction."""
