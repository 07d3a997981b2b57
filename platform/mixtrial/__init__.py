"""The doors of the house: command, survey, dashboard, player, routes."""
