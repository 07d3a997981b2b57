"""One participant's visit: where they stand, what comes next, and the page that is rated."""
