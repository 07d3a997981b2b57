"""Results of each song: means with intervals, and a map of songs and systems."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.figures.drawing import Drawing, Trace, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.rating_axis import arrowheads, error_bars, rating_axis, scale_values
from analysis.figures.style import (
    INK,
    Look,
    mean_interval,
    paper,
    plain,
    set_apart,
    short,
    wrapped,
)

ALL_SONGS = "all songs"

MOST_SONGS = 100
"""Number of songs beyond which neighbours look alike; the table of songs has them all."""
# Even the darkest colour is light enough for dark numbers on it.
_LIGHT_TO_DARK = [[0, "#fbfcfd"], [0.4, "#d3e5f1"], [1, "#4f9ccd"]]


def by_song(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """Mean and 95 % t interval over participants, for each song and system, and for all songs.

    Raises
    ------
    NothingToDrawError
        There are more than 100 songs.
    """
    rows = _one_value_each(ratings, attribute)
    songs = songs_drawn(rows, look)
    counts = rows.groupby("song", observed=True)["participant"].nunique()
    figure = Drawing()
    scale = look.scale(attribute)
    step = 0.72 / max(1, len(look.systems))
    for index, system in enumerate(look.systems):
        part = rows[rows["system"] == system]
        cells = [part.loc[part["song"] == song, "rating"].to_numpy(dtype=float) for song in songs]
        cells.append(part.groupby("participant", observed=True)["rating"].mean().to_numpy())
        offset = (index - (len(look.systems) - 1) / 2) * step
        places = np.arange(len(cells)) + offset
        means, halves = np.array([mean_interval(cell) for cell in cells]).T
        interval = means - halves, means + halves
        bars = error_bars(means, *interval, scale, thickness=1.3, width=0)
        names = [*songs, look.wording.of(ALL_SONGS)]
        dots = _means(places, means, bars, list(map(len, cells)), system, look, names)
        figure.add_traces([dots, *arrowheads(places, *interval, scale, look.colour(system))])
    paper(figure, 480)
    rating_axis(figure, look, scale)
    labels = [f"{short(song, 18)} ({counts[song]})" for song in songs]
    figure.update_xaxes(
        tickvals=list(range(len(songs) + 1)),
        ticktext=[*labels, f"<b>{look.wording.of(ALL_SONGS)}</b>"],
        tickangle=-40 if len(songs) > 4 else 0,
        range=[-0.55, len(songs) + 0.55],
    )
    figure.add_vline(x=len(songs) - 0.5, line={"color": INK, "width": 1, "dash": "dot"})
    return figure.figure()


def _means(
    places: np.ndarray,
    means: np.ndarray,
    bars: dict[str, object],
    sizes: list[int],
    system: str,
    look: Look,
    songs: list[str],
) -> Trace:
    return trace(
        "scatter",
        x=places,
        y=means,
        error_y=bars,
        mode="markers",
        marker={"symbol": look.symbol(system), "size": 8, "color": look.colour(system)},
        name=short(system),
        text=[plain(song) for song in songs],
        customdata=sizes,
        hovertemplate="%{text}: %{y:.3~g} (n = %{customdata})<extra>" + plain(system) + "</extra>",
    )


def heat_map(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """Mean rating for each song and system; the last row has the means over all songs.

    Raises
    ------
    NothingToDrawError
        There are more than 100 songs.
    """
    rows = _one_value_each(ratings, attribute)
    counts = rows.groupby("song", observed=True)["participant"].nunique()
    table = rows.pivot_table(index="song", columns="system", values="rating", observed=True)
    songs = songs_drawn(rows, look)
    table = table.reindex(index=songs, columns=list(look.systems))
    values = np.vstack([table.to_numpy(dtype=float), table.mean().to_numpy(dtype=float)])
    scale = look.scale(attribute)
    texts = [
        ["" if np.isnan(cell) else f"{cell:.{scale.decimals - 1}f}" for cell in row]
        for row in values
    ]
    figure = Drawing([
        trace(
            "heatmap",
            z=values,
            x=list(range(len(look.systems))),
            y=list(range(len(songs) + 1)),
            text=texts,
            texttemplate="%{text}",
            textfont={"color": INK},
            colorscale=_LIGHT_TO_DARK,
            zmin=scale.minimum,
            zmax=scale.maximum,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            hovertemplate="%{y} · %{x}: %{z:.3~g}<extra></extra>",
            colorbar={
                "title": {"text": "Mean rating", "side": "right", "font": {"size": 12}},
                "thickness": 12,
                "outlinewidth": 0,
                "tickvals": scale_values(scale),
            },
        )
    ])  # fmt: skip
    paper(figure, 120 + 27 * (len(songs) + 1))
    set_apart(figure, look)
    figure.update_xaxes(
        tickvals=list(range(len(look.systems))),
        ticktext=[wrapped(system, 110 // len(look.systems)) for system in look.systems],
        side="top",
    )
    figure.update_yaxes(
        tickvals=list(range(len(songs) + 1)),
        ticktext=[
            *(f"{short(song)} ({counts[song]})" for song in songs),
            f"<b>{look.wording.of(ALL_SONGS)}</b>",
        ],
        autorange="reversed",
        showgrid=False,
    )
    figure.add_hline(y=len(songs) - 0.5, line={"color": "white", "width": 6})
    figure.update_layout(margin={"t": 48, "b": 20})
    return figure.figure()


def songs_drawn(rows: pd.DataFrame, look: Look) -> list[str]:
    """Rated songs, in the order of the figures.

    Raises
    ------
    NothingToDrawError
        The table has more than 100 songs.
    """
    rated = set(rows["song"])
    songs = [song for song in look.songs if song in rated]
    if len(songs) > MOST_SONGS:
        raise NothingToDrawError(f"There are more than {MOST_SONGS} songs.")
    return songs


def _one_value_each(ratings: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """Table with a row for each participant, song and system: the mean of the repeated ratings."""
    rows = ratings[ratings["attribute"] == attribute].dropna(subset=["rating"])
    keys = ["participant", "song", "system"]
    return rows.groupby(keys, observed=True)["rating"].mean().reset_index()
