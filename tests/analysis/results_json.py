"""The analysis as results.json has it, for tests that hold its keys and numbers."""

from __future__ import annotations

from typing import Any

from analysis import results
from analysis.findings.json_form import json_form


def analyse(*given: Any, **settings: Any) -> dict[str, Any]:
    """Content of results.json for a table of ratings."""
    found: dict[str, Any] = json_form(results.analyse(*given, **settings))
    return found
