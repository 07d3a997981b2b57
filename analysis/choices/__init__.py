"""Strengths of systems behind choices: pairs with ties, rankings, and picks of the best."""
