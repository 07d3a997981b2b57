"""The notebook of the docs answers, run from the top, what it was kept with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.developing.site.notebook import NOTEBOOK, cells_of, run


def test_the_notebook_answers_what_it_was_kept_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and numbers are the same; the figure, whose picture was kept, has the same means."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    drawn: list[Any] = []

    def noted(figure: Any) -> str:
        drawn.append(figure)
        return ""

    monkeypatch.chdir(NOTEBOOK.parent)
    answered = run(notebook, noted)
    kept = [cell["outputs"] for cell in cells_of(notebook)]
    assert len(kept) == 4
    assert answered[:-1] == kept[:-1]
    [figure], [[picture]] = drawn, kept[-1:]
    assert next(iter(figure.data[0].y)) == "Lyra 3"
    svg = "".join(picture["data"]["image/svg+xml"])
    assert all(f">{system}<" in svg for system in figure.data[0].y)
