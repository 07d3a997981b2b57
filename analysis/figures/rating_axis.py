"""The axis of ratings: the whole scale, its numbers, and the words that participants saw.

If the interval of a mean extends beyond the end of the scale, it is cut off there; an arrowhead
marks the cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.figures.drawing import Drawing, Trace, trace
from analysis.figures.style import GRID, MUTED, SCALE_LABELS, Look, plain
from analysis.scale import SCALE, Scale, number_text

Values = Sequence[float] | NDArray[np.floating[Any]]

BEYOND = 1e-9  # tolerance for rounding errors, in points of the rating scale
_MOST_VALUES = 11  # a scale with at most this number of values has a tick at each value


def rating_axis(figure: Drawing, look: Look, scale: Scale = SCALE, title: str = "Rating") -> None:
    """Set the y axes to the scale, with the scale's words as labels if participants saw them."""
    ticks, edges = _scale_ticks(look.scale_labels, look.are_intervals, scale)
    figure.update_yaxes(
        range=reach_of(scale),
        tickmode="array",
        tickvals=[value for value, _ in ticks],
        ticktext=[text for _, text in ticks],
        showgrid=False,
    )
    # Only the first column has an axis title, because the panels of a row share an axis.
    figure.update_yaxes(col=1, title={"text": title, "standoff": 8})
    for row, col in figure.axes:
        for edge in edges:
            figure.add_hline(edge, {"color": GRID, "width": 1}, row, col, layer="below")


def error_bars(
    means: Values, low: Values, high: Values, scale: Scale, **how: object
) -> dict[str, object]:
    """Error bars of plotly from ``low`` to ``high``, cut at the ends of the scale; NaN: no bar."""
    mean, bottom, top = (np.asarray(each, dtype=float) for each in (means, low, high))
    up = np.minimum(top, np.maximum(scale.maximum, mean)) - mean
    down = mean - np.maximum(bottom, np.minimum(scale.minimum, mean))
    return {
        "array": np.nan_to_num(up), "arrayminus": np.nan_to_num(down), "symmetric": False, **how,
    }  # fmt: skip


def arrowheads(
    places: Values, low: Values, high: Values, scale: Scale, colour: str, is_along_x: bool = False
) -> list[Trace]:
    """Arrowheads where an interval is cut at the end of the scale; none if nothing is cut.

    Parameters
    ----------
    places
        Position of each interval on the other axis, which does not show ratings.
    low, high
        Its own ends.
    scale
        Of the ratings.
    colour
        Of its mean.
    is_along_x
        Whether the ratings are on the x axis.
    """
    upward, downward = ("right", "left") if is_along_x else ("up", "down")
    ends = [
        (place, end, f"triangle-{symbol}", own)
        for values, end, symbol, sign in (
            (high, scale.maximum, upward, 1), (low, scale.minimum, downward, -1),
        )
        for place, own in zip(places, values, strict=True)
        if sign * (own - end) > BEYOND
    ]  # fmt: skip
    if not ends:
        return []
    across, along, symbols, beyond = zip(*ends, strict=True)
    x, y = (along, across) if is_along_x else (across, along)
    return [
        trace(
            "scatter",
            x=list(x), y=list(y), mode="markers", showlegend=False, meta="arrowhead",
            marker={"symbol": list(symbols), "size": 9, "color": colour},
            hovertemplate="the interval goes on to %{customdata:.3~g}<extra></extra>",
            customdata=list(beyond),
        )
    ]  # fmt: skip


def reach_of(scale: Scale) -> list[float]:
    """Limits of an axis: the whole scale with a small margin."""
    return [scale.at(-0.03), scale.at(1.03)]


def scale_values(scale: Scale) -> list[float]:
    """Values that get a label on an axis: all possible values if few, otherwise at most six."""
    n_values, is_short = scale.n_values, scale.range <= 10 and scale.range % 1 == 0
    n_steps = int(scale.range) if is_short and scale.range > 1 else 5
    if n_values is not None and n_values <= _MOST_VALUES:
        n_steps = n_values - 1
    return [scale.at(index / n_steps) for index in range(n_steps + 1)]


def _scale_ticks(
    labels: Sequence[str], are_intervals: bool | None = None, scale: Scale = SCALE
) -> tuple[list[tuple[float, str]], list[float]]:
    """Ticks of the scale as (value, text), and the values at which lines are drawn.

    If words name intervals of the scale, each word is in the middle of its interval. If words name
    points, they are distributed from one end of the scale to the other. If the word for a labelled
    value is empty, the label is the number.
    """
    words = [f"<span style='color:{MUTED}'>{plain(word)}</span>" for word in labels]
    n_labels = len(words)
    if n_labels < 2:
        edges = scale_values(scale)
        return [(edge, number_text(edge)) for edge in edges], edges
    if are_intervals is None:
        are_intervals = tuple(labels) == SCALE_LABELS and scale.n_values != n_labels

    def text(value: float) -> str:
        return number_text(round(value, scale.decimals - 1))

    if not are_intervals:
        points = [scale.at(index / (n_labels - 1)) for index in range(n_labels)]
        said = {point: f"{word}  " if label else "" for point, word, label
                in zip(points, words, labels, strict=True)}  # fmt: skip
        shown = [point for point in points if said[point] or point in scale_values(scale)]
        return [(point, said[point] + text(point)) for point in shown], shown
    edges = [scale.at(index / n_labels) for index in range(n_labels + 1)]
    middles = [scale.at((index + 0.5) / n_labels) for index in range(n_labels)]
    numbers = [text(edge) for edge in edges]
    return sorted(zip(edges + middles, numbers + words, strict=True)), edges
