"""Choices in tables of other sources: places, orders, picks, winners, right and wrong answers."""
