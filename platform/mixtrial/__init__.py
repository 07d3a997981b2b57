"""The doors of the house: command, survey, dashboard, player, routes."""

from importlib.metadata import version as _installed_version

__version__ = _installed_version(__name__)
