"""Choices of tables of another make: places, orders, picks, winners, right and wrong answers."""
