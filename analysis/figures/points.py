"""Every single rating as a dot, which shows its listener and its stimulus.

The figure of single ratings is for exploring the data; no statistical conclusions may be drawn from
it. The dots are not independent, because each participant has one dot for each song. Each dot has
the number of its row, by which the page can find and play the stimulus.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from analysis.figures.drawing import Drawing, Trace, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.rating_axis import rating_axis
from analysis.figures.style import Look, faint, jitter, paper, plain, short

NUMBER = "number_of_row"


def every_rating(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """One dot per rating; songs are along the axis, and systems are side by side within a song.

    Parameters
    ----------
    ratings
        Ratings, with the columns participant, song, system, attribute and rating. The
        ``customdata`` of a dot is the number of its row in the table; the first row is 1. Row
        numbers are used, because plotly copies numbers faster than texts.
    attribute
        The attribute shown.
    look
        Order, colours and words of the figures.

    Raises
    ------
    NothingToDrawError
        The attribute has no ratings.
    """
    numbered = ratings.assign(**{NUMBER: np.arange(1, len(ratings) + 1)})
    rows = numbered[ratings["attribute"] == attribute].dropna(subset=["rating"])
    if rows.empty:
        raise NothingToDrawError(f"There is no rating of {attribute}.")
    there = set(rows["song"].unique())
    songs = [song for song in look.songs if song in there]
    figure = Drawing()
    step = 0.78 / len(look.systems)
    for index, system in enumerate(look.systems):
        part = rows[rows["system"] == system].sort_values(["song", "participant"])
        offset = (index - (len(look.systems) - 1) / 2) * step
        figure.add_traces([_dots(part, songs, offset, 0.36 * step, system, look)])
    paper(figure, 500)
    rating_axis(figure, look, look.scale(attribute))
    figure.update_xaxes(
        tickvals=list(range(len(songs))),
        ticktext=[short(song, 18) for song in songs],
        tickangle=-40 if len(songs) > 4 else 0,
        range=[-0.55, len(songs) - 0.45],
    )
    return figure.figure()


def _dots(
    part: pd.DataFrame, songs: list[str], offset: float, width: float, system: str, look: Look
) -> Trace:
    """Dots of one system, placed side by side with other systems at each song."""
    place = {song: float(index) for index, song in enumerate(songs)}
    return trace(
        "scatter",
        x=part["song"].map(place).to_numpy(dtype=float) + offset + jitter(len(part), width),
        y=part["rating"].to_numpy(dtype=float),
        mode="markers",
        marker={
            "symbol": look.symbol(system),
            "size": 9,
            "color": faint(look.colour(system), 0.7),
            "line": {"width": 0.6, "color": "white"},
        },
        name=f"{short(system)} (n = {len(part)})",
        customdata=part[NUMBER].to_numpy(),
        text=_each_once(part["participant"], plain),
        hovertemplate="%{text}: %{y:.3~g}<extra>" + plain(system) + "</extra>",
    )


def _each_once(values: pd.Series, as_text: Callable[[str], str]) -> NDArray[np.str_]:
    """Texts of numbers; each distinct number is formatted only once."""
    code, distinct = pd.factorize(values)
    return np.array([as_text(str(value)) for value in distinct], dtype=str)[code]
