"""A figure that is being drawn, as plain dictionaries; plotly only reads the finished figure.

A figure of plotly itself checks every property at each change, and sends messages to a browser
although there is no browser. The checks by plotly took half of the time of a report. The methods
have the same names and arguments as the methods of plotly.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

Trace = dict[str, object]
"""Properties of one trace by their names in plotly.js."""

_ONE_PANEL = {(1, 1): ("xaxis", "yaxis")}


def trace(kind: str, **properties: object) -> Trace:
    """Return a plotly trace of the given kind, for example "scatter"."""
    return {"type": kind, **properties}


class Drawing:
    """Traces and layout of a figure; the key ``title_text`` sets the ``text`` of the ``title``.

    Parameters
    ----------
    traces
        Initial traces.
    layout
        Initial value.
    axes
        Names of the x axis and y axis of each panel; rows and columns of panels begin at 1.
    """

    def __init__(
        self,
        traces: Iterable[Trace] = (),
        layout: dict[str, Any] | None = None,
        axes: Mapping[tuple[int, int], tuple[str, str]] = _ONE_PANEL,
    ) -> None:
        self.axes = axes
        self.layout = layout or {"xaxis": {}, "yaxis": {}}
        self.shapes: list[dict[str, object]] = []
        self.traces: list[Trace] = []
        self.add_traces(traces)

    def figure(self) -> go.Figure:
        """Return a plotly figure; raise an error for a property that plotly does not have."""
        return go.Figure(self.traces, {**self.layout, "shapes": self.shapes})

    def add_traces(self, traces: Iterable[Trace], row: int = 1, col: int = 1) -> None:
        """Add traces to a panel."""
        x, y = self._axes_of(row, col)
        self.traces += [{**one, "xaxis": x, "yaxis": y} for one in traces]

    def add_scatter(self, **properties: object) -> None:
        """Add a scatter trace to the first panel."""
        self.add_traces([trace("scatter", **properties)])

    def update_layout(self, **changes: object) -> None:
        """Change the layout."""
        _change(self.layout, changes)

    def update_xaxes(
        self, row: int | None = None, col: int | None = None, **changes: object
    ) -> None:
        """Change the x axes of all panels, or the x axes of one row or column."""
        for name in self._names(0, row, col):
            _change(self.layout[name], changes)

    def update_yaxes(
        self, row: int | None = None, col: int | None = None, **changes: object
    ) -> None:
        """Change the y axes of all panels, or the y axes of one row or column."""
        for name in self._names(1, row, col):
            _change(self.layout[name], changes)

    def update_annotations(self, **changes: object) -> None:
        """Change all annotations; the titles of panels are annotations, too."""
        for note in self.layout.get("annotations", ()):
            _change(note, changes)

    def add_annotation(self, **properties: object) -> None:
        """Add a text to the figure."""
        self.layout.setdefault("annotations", []).append(properties)

    def add_shape(self, row: int = 1, col: int = 1, **properties: object) -> None:
        """Draw a shape in a panel, in units of the panel's axes."""
        x, y = self._axes_of(row, col)
        self.shapes.append({"xref": x, "yref": y, **properties})

    def add_vline(
        self, x: float, line: Mapping[str, object], row: int = 1, col: int = 1, **how: object
    ) -> None:
        """Draw a vertical line over the whole height of a panel."""
        across = {"yref": f"{self._axes_of(row, col)[1]} domain", "y0": 0, "y1": 1}
        self.add_shape(row, col, type="line", x0=x, x1=x, line=line, **across, **how)

    def add_hline(
        self, y: float, line: Mapping[str, object], row: int = 1, col: int = 1, **how: object
    ) -> None:
        """Draw a horizontal line over the whole width of a panel."""
        across = {"xref": f"{self._axes_of(row, col)[0]} domain", "x0": 0, "x1": 1}
        self.add_shape(row, col, type="line", y0=y, y1=y, line=line, **across, **how)

    def _axes_of(self, row: int, col: int) -> tuple[str, str]:
        """Names of a panel's axes, in the form that traces and shapes need."""
        x, y = self.axes[row, col]
        return x.replace("axis", ""), y.replace("axis", "")

    def _names(self, which: int, row: int | None, col: int | None) -> Sequence[str]:
        return [
            names[which]
            for (r, c), names in self.axes.items()
            if row in (None, r) and col in (None, c)
        ]


def panels(n_rows: int, n_columns: int, **how: Any) -> Drawing:
    """Return a drawing with several panels; the arguments are the same as for ``make_subplots``."""
    layout, axes = _arranged(n_rows, n_columns, json.dumps(how, default=list))
    return Drawing((), json.loads(layout), axes)


@functools.lru_cache(maxsize=64)
def _arranged(
    n_rows: int, n_columns: int, how: str
) -> tuple[str, Mapping[tuple[int, int], tuple[str, str]]]:
    """Layout of the panels as JSON, with axes; cached for figures that have the same panels."""
    made = make_subplots(n_rows, n_columns, **json.loads(how))
    axes = {}
    for row in range(1, n_rows + 1):
        for column in range(1, n_columns + 1):
            panel = made.get_subplot(row, column)
            if panel is not None:
                axes[row, column] = (panel.xaxis.plotly_name, panel.yaxis.plotly_name)
    layout = made.layout.to_plotly_json()
    del layout["template"]
    return json.dumps(layout, default=list), axes


def _change(properties: dict[str, Any], changes: Mapping[str, object]) -> None:
    """Change the named properties, also nested ones; leave all other properties unchanged."""
    for key, value in changes.items():
        if key == "title_text":
            _change(properties, {"title": {"text": value}})
        elif isinstance(value, Mapping):
            _change(properties.setdefault(key, {}), value)
        else:
            properties[key] = value
