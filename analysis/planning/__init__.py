"""How many listeners and songs a study needs: a grid of sizes, and advice from it."""
