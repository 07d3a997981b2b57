"""One participant's visit: the participant's position, the next screen, and the rated page."""
