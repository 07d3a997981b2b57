"""Strengths behind choices: pairs with ties, rankings, and the best of several."""
