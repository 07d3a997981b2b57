"""Numbers of listeners and songs that a study needs: a grid of sizes, and advice from it."""
