"""Choices in tables of other sources: places, orders, selections, winners, right answers."""
