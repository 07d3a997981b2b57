"""docs/analyse-ratings.ipynb: run from the top in one process, and kept with what it answered.

``PYTHONPATH=tests/support:. python -m tests.developing.site.notebook`` runs it and writes it anew.
Figures become SVG, drawn by the Chromium of the reports.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
from collections.abc import Callable
from typing import Any

from places import ROOT

NOTEBOOK = ROOT / "docs" / "analyse-ratings.ipynb"
Output = dict[str, Any]


def cells_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells that hold code."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run(notebook: dict[str, Any], drawn: Callable[[Any], str]) -> list[list[Output]]:
    """Output of each code cell; ``drawn`` makes a picture of a figure."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    return [_answers("".join(cell["source"]), scope, drawn) for cell in cells_of(notebook)]


def _answers(source: str, scope: dict[str, Any], drawn: Callable[[Any], str]) -> list[Output]:
    """Printed text, then the value of the last line, as Jupyter shows them."""
    parsed = ast.parse(source)
    last = parsed.body.pop() if isinstance(parsed.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(parsed, NOTEBOOK.name, "exec"), scope)
        value = None
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), scope)
    outputs: list[Output] = []
    if printed.getvalue():
        outputs.append(
            {"output_type": "stream", "name": "stdout", "text": lines(printed.getvalue())}
        )
    if value is not None:
        data = {"data": _shown(value, drawn), "execution_count": None, "metadata": {}}
        outputs.append({"output_type": "execute_result", **data})
    return outputs


def _shown(value: Any, drawn: Callable[[Any], str]) -> dict[str, list[str]]:
    if hasattr(value, "to_image"):
        return {"image/svg+xml": lines(drawn(value))}
    if hasattr(value, "to_html"):
        return {"text/html": lines(value.to_html(border=0)), "text/plain": lines(repr(value))}
    return {"text/plain": lines(repr(value))}


def lines(text: str) -> list[str]:
    """A text as notebooks keep it."""
    return text.splitlines(keepends=True)


def _svg(figure: Any) -> str:
    """A figure as SVG."""
    return str(figure.to_image("svg", width=760, height=320).decode())


def main() -> None:
    """Run the notebook and keep what it answers."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    os.chdir(NOTEBOOK.parent)
    for cell, outputs in zip(cells_of(notebook), run(notebook, _svg), strict=True):
        cell["outputs"] = outputs
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
