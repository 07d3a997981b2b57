"""One participant's visit: their position, the next screen, and the rated page."""
