"""Choices from tables of other sources: places, orders, selections, winners or right answers."""
