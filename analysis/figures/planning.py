"""Planned size of a study: map of the power by numbers of listeners and songs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.figures.drawing import panels, trace
from analysis.figures.style import INK, MUTED, paper
from analysis.mixed_model.power import ALPHA
from analysis.wording import SONGS_AND_MIXES, Wording

# All colours have one hue, from light to dark. In one hue, the colours can be told apart in grey
# and by colour-blind people.
_SCALE = [[0.0, "#f4f7fa"], [0.5, "#8fbbd9"], [0.8, "#2f7fb5"], [1.0, "#0b4a75"]]


def power_map(
    grid: pd.DataFrame,
    difference: float,
    margin: float,
    n_songs: int,
    alpha: float = ALPHA,
    wording: Wording = SONGS_AND_MIXES,
) -> go.Figure:
    """For each study size: power to find a difference (top) and to show equivalence (bottom).

    Parameters
    ----------
    grid
        From :func:`analysis.planning.grid.planning_grid`.
    difference, margin
        The difference and the margin in points; the titles of the figure name them.
    n_songs
        Number of songs of the study; its row in the figure has a frame.
    alpha
        Significance levels for finding a difference and for showing equivalence; the titles name
        them.
    wording
        Names of songs.
    """
    level = f"{alpha:.3f}".removeprefix("0")
    finds = f"Chance to find a difference of {difference:g} points at {level}"
    titles = (
        f"{finds}; second line: points that are found with 80 %",
        f"Chance to show two equal systems equivalent within ±{margin:g} points at {level}",
    )
    figure = panels(2, 1, subplot_titles=titles, vertical_spacing=0.13)
    people = [str(value) for value in sorted(grid["n_participants"].unique())]
    songs = sorted(grid["n_songs"].unique())
    for row, column in ((1, "power"), (2, "power_equivalence")):
        table = grid.pivot_table(
            index="n_songs", columns="n_participants", values=column, dropna=False
        )
        smallest = grid.pivot_table(
            index="n_songs", columns="n_participants", values="detectable_difference", dropna=False
        )
        heat = trace(
            "heatmap",
            z=table.to_numpy(),
            x=people,
            y=[str(value) for value in songs],
            zmin=0,
            zmax=1,
            colorscale=_SCALE,
            text=_texts(table, smallest if row == 1 else None),
            texttemplate="%{text}",
            textfont={"size": 11},
            xgap=2,
            ygap=2,
            colorbar={"tickformat": ".0%", "thickness": 14},
            showscale=row == 1,
            hovertemplate="%{x} participants, %{y} " + wording.many + ": %{z:.0%}<extra></extra>",
        )
        figure.add_traces([heat], row=row)
        if n_songs in songs:
            place = songs.index(n_songs)
            figure.add_shape(
                type="rect", x0=-0.5, x1=len(people) - 0.5, y0=place - 0.5, y1=place + 0.5,
                line={"color": INK, "width": 2}, row=row, col=1,
            )  # fmt: skip
    paper(figure, 900)
    figure.update_xaxes(title_text="Participants", type="category")
    figure.update_yaxes(title_text=wording.of("Songs"), type="category", showgrid=False)
    figure.update_annotations(font={"size": 13, "color": MUTED})
    figure.update_layout(margin={"b": 76})
    return figure.figure()


def power_curves(grid: pd.DataFrame, n_songs: int) -> go.Figure:
    """For each claim about choices, the power by number of listeners.

    Parameters
    ----------
    grid
        From :func:`analysis.planning.choice_plan.choice_grid`.
    n_songs
        Number of songs that each listener of the study hears.
    """
    own = grid[grid["n_songs"] == n_songs]
    claims = list(own.groupby("claim", sort=False))
    titles = [f"Chance for {claim}" for claim, _ in claims]
    figure = panels(len(claims), 1, subplot_titles=titles, shared_xaxes=True)
    for row, (_, rows) in enumerate(claims, 1):
        line = trace(
            "scatter",
            x=rows["n_participants"].tolist(),
            y=rows["power"].tolist(),
            mode="lines+markers",
            line={"color": INK},
            showlegend=False,
            hovertemplate="%{x} participants: %{y:.0%}<extra></extra>",
        )
        figure.add_traces([line], row=row)
    paper(figure, 260 + 200 * len(claims))
    figure.update_xaxes(title_text="Participants", row=len(claims))
    figure.update_yaxes(tickformat=".0%", range=[0, 1.02])
    figure.update_annotations(font={"size": 13, "color": MUTED})
    return figure.figure()


def _texts(table: pd.DataFrame, smallest: pd.DataFrame | None) -> list[list[str]]:
    texts = [
        ["–" if np.isnan(share) else f"{100 * share:.0f} %" for share in row]
        for row in table.to_numpy(dtype=float)
    ]
    if smallest is None:
        return texts
    points = smallest.to_numpy(dtype=float)
    return [
        [
            text if np.isnan(points[i, j]) else f"{text}<br>{points[i, j]:.1f}"
            for j, text in enumerate(row)
        ]
        for i, row in enumerate(texts)
    ]
