"""Figure of an objective measure and the mean ratings; every point has a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import plotly.graph_objects as go

from analysis.figures.drawing import Drawing, trace
from analysis.figures.style import MUTED, Look, paper, plain, short

MOST_NAMED = 30
"""Number of names beyond which they overlap; names are then shown at the pointer."""


class Point(Protocol):
    """A point of the figure: a stimulus, or a system (``song`` is None)."""

    @property
    def song(self) -> str | None: ...  # noqa: D102
    @property
    def system(self) -> str: ...  # noqa: D102
    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def rating(self) -> float: ...  # noqa: D102
    @property
    def half_width(self) -> float: ...  # noqa: D102
    @property
    def predicted(self) -> float: ...  # noqa: D102


def scatter(measure: str, points: Sequence[Point], look: Look) -> go.Figure:
    """Mean rating plotted against an objective measure, with intervals, names and fitted curve.

    Parameters
    ----------
    measure
        Name of the measure, as title of the axis.
    points
        Stimuli or systems.
    look
        Colours and symbols of systems.
    """
    figure = Drawing()
    rising = sorted(points, key=lambda each: each.value)
    figure.add_traces([
        trace(
            "scatter", x=[each.value for each in rising], y=[each.predicted for each in rising],
            mode="lines", line={"color": MUTED, "width": 1.5, "dash": "dot"}, hoverinfo="skip",
            showlegend=False,
        )
    ])  # fmt: skip
    is_named = len(points) <= MOST_NAMED
    for system in dict.fromkeys(each.system for each in points):
        own = [each for each in points if each.system == system]
        names = [" · ".join(filter(None, (each.song, each.system))) for each in own]
        figure.add_traces([
            trace(
                "scatter", x=[each.value for each in own], y=[each.rating for each in own],
                error_y={"type": "data", "array": [each.half_width for each in own],
                         "color": look.colour(system), "thickness": 1, "width": 3},
                mode="markers+text" if is_named else "markers",
                text=[short(each.song or each.system, 14) for each in own],
                textposition="top center", textfont={"size": 10, "color": MUTED},
                marker={"symbol": look.symbol(system), "color": look.colour(system), "size": 8},
                name=plain(system), customdata=[plain(name) for name in names],
                hovertemplate="%{customdata}<br>%{x:.3g}: %{y:.2f}<extra></extra>",
            )
        ])  # fmt: skip
    paper(figure, 420)
    figure.update_xaxes(title_text=plain(measure))
    figure.update_yaxes(title_text="Mean rating")
    return figure.figure()
