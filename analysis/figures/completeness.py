"""Map of missing data: for each participant, the songs that were rated and those planned."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from analysis.figures.drawing import Drawing, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.style import MUTED, ORANGE, Look, paper, plain, short
from analysis.ratings.overlap import cells_of_songs

# Each state of a cell has words, a colour and a sign. The colour is darker if more ratings are
# missing, so that the figure can be read in grey.
STATES = {
    "all": ("all rated", "#cfe3f0", ""),
    "part": ("rated in part", ORANGE, ""),
    "none": ("planned, not rated", "#7a1f00", "×"),
    "unplanned": ("not planned", "#f3f5f7", "–"),
}
WITHOUT_PLAN = "no rating"
"""Text of an empty cell if the planned ratings are unknown."""
_MOST_SIGNS = 80
_MOST_ROWS_PX = 1250


def missing_map(ratings: pd.DataFrame, planned: pd.DataFrame | None, look: Look) -> go.Figure:
    """Map with a row per participant and a column per song; a cell shows the share that was rated.

    Parameters
    ----------
    ratings
        Ratings, with the columns participant, song, system, attribute and rating.
    planned
        Planned ratings; a table with the columns participant and song. None if the plan is unknown;
        an empty cell then does not mean that a rating is missing.
    look
        Order and names of the songs in the figure.

    Raises
    ------
    NothingToDrawError
        No rating is missing, so the map would show nothing.
    """
    states, counts = cell_states(ratings, planned, look)
    if (states == "all").all(axis=None):
        raise NothingToDrawError("Nothing is missing.")
    names = list(STATES)
    words = {state: told for state, (told, _, _) in STATES.items()}
    if planned is None:
        words["none"] = WITHOUT_PLAN
    codes = states.apply(lambda column: column.map(names.index))
    signs = states.map(lambda state: STATES[state][2]).where(states != "part", counts)
    n_people, n_songs = states.shape
    figure = Drawing([
        trace(
            "heatmap",
            z=codes.to_numpy(),
            x=list(range(n_songs)),
            y=list(range(n_people)),
            text=signs.to_numpy() if n_people <= _MOST_SIGNS else None,
            texttemplate="%{text}" if n_people <= _MOST_SIGNS else None,
            textfont={"size": 11},
            customdata=_tips(states, counts, words),
            hovertemplate="%{customdata}<extra></extra>",
            colorscale=_steps(),
            zmin=-0.5,
            zmax=len(names) - 0.5,
            showscale=False,
            xgap=1,
            ygap=1,
        )
    ])  # fmt: skip
    _lay_out(figure, states, words)
    return figure.figure()


def cell_states(
    ratings: pd.DataFrame, planned: pd.DataFrame | None, look: Look
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """State of each participant × song (see ``STATES``), and "rated/planned" as text for each."""
    rated = ratings.dropna(subset=["rating"]).drop_duplicates(
        ["participant", "song", "system", "attribute"]
    )
    people = sorted(ratings["participant"].unique())
    if planned is not None:
        people = sorted(set(people) & set(planned["participant"])) or people
    songs = list(look.songs)
    counts = pd.crosstab(rated["participant"], rated["song"])
    counts = counts.reindex(index=people, columns=songs, fill_value=0).astype(int)
    asked = cells_of_songs(ratings).reindex(songs, fill_value=0)
    states = pd.DataFrame("part", index=people, columns=songs)
    states = states.mask(counts >= asked, "all").mask(counts == 0, "none")
    if planned is not None:
        due = pd.crosstab(planned["participant"], planned["song"])
        due = due.reindex(index=people, columns=songs, fill_value=0) > 0
        states = states.mask((counts == 0) & ~due, "unplanned")
    return states, counts.astype(str) + "/" + asked.astype(str)


def _tips(states: pd.DataFrame, counts: pd.DataFrame, words: Mapping[str, str]) -> list[list[str]]:
    return [
        [
            f"{plain(str(person))}, {plain(str(song))}: "
            f"{words[states.loc[person, song]]} ({counts.loc[person, song]})"
            for song in states.columns
        ]
        for person in states.index
    ]


def _steps() -> list[list[float | str]]:
    colours = [colour for _, colour, _ in STATES.values()]
    edges = [place / len(colours) for place in range(len(colours) + 1)]
    return [
        [edge, colour]
        for place, colour in enumerate(colours)
        for edge in (edges[place], edges[place + 1])
    ]


def _lay_out(figure: Drawing, states: pd.DataFrame, words: Mapping[str, str]) -> None:
    n_people, n_songs = states.shape
    for state in (each for each in STATES if (states == each).any(axis=None)):
        _, colour, sign = STATES[state]
        figure.add_scatter(
            x=[None], y=[None], mode="markers", name=f"{words[state]} {sign}".strip(),
            marker={"symbol": "square", "size": 13, "color": colour,
                    "line": {"width": 1, "color": MUTED}},
        )  # fmt: skip
    paper(figure, int(min(_MOST_ROWS_PX, 150 + 19 * n_people)))
    figure.update_xaxes(
        tickvals=list(range(n_songs)),
        ticktext=[f"{short(str(song), 16)}" for song in states.columns],
        tickangle=-40 if n_songs > 5 else 0,
        side="bottom",
        range=[-0.5, n_songs - 0.5],
    )
    shown = list(range(n_people)) if n_people <= _MOST_SIGNS else []
    figure.update_yaxes(
        tickvals=shown,
        ticktext=[short(str(states.index[place]), 14) for place in shown],
        tickfont={"size": 11},
        range=[n_people - 0.5, -0.5],
        showgrid=False,
        title_text=f"Participants (n = {n_people})",
    )
