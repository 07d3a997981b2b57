"""Change from one page of the studio to another; the old page disappears with the click."""
