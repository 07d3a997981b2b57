"""Reference: what the servers answer over HTTP, from their tables of routes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from markdown_table import cell, table

from mixtrial.routes import route_table
from mixtrial.studio import route_table as studio_table

ARCHITECTURE = Path(__file__).parents[1] / "architecture.md"
ROW = re.compile(r"^((?:``[A-Z, ]+/\S+``(?:, )?)+)\s{2,}(.+)$", re.M)


def page() -> str:
    """The routes of a study's server and of the studio, then the bodies that the player sends."""
    text = [
        (
            "# HTTP\n\nEvery route that mixtrial adds to Streamlit's pages. Each may also answer "
            "429 or 503 with `Retry-After`. A refusal is JSON with one sentence."
        ),
        "## A study's server",
        table(("method", "path", "does"), map(_row, route_table.ROUTES)),
        "## What they answer with",
        table(("route", "does, and statuses"), _told(route_table.__doc__ or "")),
        "## The studio",
        "Everything below `/s/NAME/` is answered by the study's own server.",
        table(("method", "path", "does"), map(_row, studio_table.ROUTES)),
        "## What the player sends",
        _bodies(),
    ]
    return "\n\n".join(text) + "\n"


def _row(route: Any) -> tuple[str, str, str]:
    methods = ", ".join(sorted(route.methods - {"HEAD"}))
    return methods, f"`{cell(route.path)}`", cell(_first_line(route.endpoint))


def _first_line(endpoint: Any) -> str:
    """First line of a handler's docstring; of the function that it closes over, if it has none."""
    inner = [each.cell_contents for each in getattr(endpoint, "__closure__", None) or ()]
    docs = [inspect.getdoc(each) for each in (endpoint, *filter(callable, inner))]
    return next((doc.partition("\n\n")[0] for doc in docs if doc), "")


def _told(doc: str) -> Iterable[tuple[str, str]]:
    for routes, meaning in ROW.findall(doc):
        yield cell(routes.replace("``", "`")), cell(meaning.replace("``", "`"))


def _bodies() -> str:
    """The contract of saves and of page turns, from docs/architecture.md."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    start, end = text.index("The autosave body ("), text.index("\nTo Streamlit the player sends")
    return re.sub(r"\]\((?!http)([\w./-]+)", r"](../\1", text[start:end])
