"""Languages in which the researcher's pages are available."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from analysis.defaults import DEFAULT_LANGUAGE

LOCALES = Path(__file__).with_name("locales")
LANGUAGE_COOKIE = "mixtrial_language"
"""Cookie that keeps a browser's choice."""


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages, with English first."""
    return (DEFAULT_LANGUAGE, *sorted(path.stem for path in LOCALES.glob("*.toml")))
