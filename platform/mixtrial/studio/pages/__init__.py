"""What the researcher sees in the studio."""
