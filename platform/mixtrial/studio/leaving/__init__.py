"""From one page of the studio to another: the former is gone with the press."""
