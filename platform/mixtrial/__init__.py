"""The doors of the house: command, survey, dashboard, player, routes."""

__version__ = "0.1.0"
