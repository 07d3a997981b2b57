"""How participants behaved: plays, switches, time, care, and the shape of the ratings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.stats import norm

from analysis.figures.drawing import Drawing, Trace, panels, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.rating_axis import scale_values
from analysis.figures.style import (
    BLUE,
    INK,
    MUTED,
    Look,
    faint,
    jitter,
    paper,
    plain,
    short,
)
from analysis.findings.screening import ScreenedParticipant
from analysis.ratings.behaviour import pages_seen, stimuli_heard, stimuli_played
from analysis.scale import Scale

_N_BINS = 10


def behaviour(ratings: pd.DataFrame, look: Look) -> go.Figure:
    """Plays, switches and seconds for each system; time and switches per page, for each song."""
    played, pages = stimuli_played(ratings), pages_seen(ratings)
    heard = stimuli_heard(ratings)
    parts = [
        ("Plays of a stimulus", look.systems, "system", played, "plays"),
        ("Switches to a stimulus", look.systems, "system", heard, "switches_to"),
        ("Seconds heard of a stimulus", look.systems, "system", heard, "heard_s"),
        ("Seconds on a page", look.songs, "song", pages, "time_s"),
        ("Switches on a page", look.songs, "song", pages.dropna(subset=["switches"]), "switches"),
    ]
    parts = [part for part in parts if not part[3].empty]
    if not parts:
        raise NothingToDrawError("There is no record of what was played.")
    figure = panels(
        len(parts), 1, subplot_titles=[f"{panel[0]} (n = {len(panel[3])})" for panel in parts],
        vertical_spacing=0.5 / len(parts),
    )  # fmt: skip
    for row, (_, names, key, table, value) in enumerate(parts, start=1):
        for place, name in enumerate(names):
            values = table.loc[table[key] == name, value].to_numpy(dtype=float)
            if len(values):
                colour = look.colour(name) if key == "system" else MUTED
                figure.add_traces(_box(place, values, colour), row=row, col=1)
        figure.update_xaxes(
            tickvals=list(range(len(names))),
            ticktext=[short(name, 18) for name in names],
            tickangle=-30 if len(names) > 6 else 0,
            range=[-0.6, len(names) - 0.4], row=row, col=1,
        )  # fmt: skip
        figure.update_yaxes(rangemode="tozero", row=row, col=1)
    paper(figure, 60 + 205 * len(parts))
    figure.update_annotations(font={"size": 13, "color": INK})
    figure.update_layout(showlegend=False)
    return figure.figure()


def _box(place: int, values: np.ndarray, colour: str) -> list[Trace]:
    box = trace(
        "box",
        x=np.full(len(values), float(place)),
        y=values,
        width=0.5,
        boxpoints=False,
        quartilemethod="inclusive",
        line={"color": colour, "width": 1.3},
        fillcolor=faint(colour, 0.13),
        hoverinfo="skip",
    )
    dots = trace(
        "scatter",
        x=place + jitter(len(values), 0.2),
        y=values,
        mode="markers",
        marker={"size": 4, "color": faint(colour, 0.5)},
        hovertemplate="%{y:.3g}<extra></extra>",
    )
    return [box, dots]


def screening(rows: Sequence[ScreenedParticipant], look: Look) -> go.Figure:
    """Reliability and discrimination of participants; without repeats, agreement and spread.

    Parameters
    ----------
    rows
        One a participant.
    look
        Names of the listener groups.
    """
    with_repeats = any(isfinite(row.reliability_sd) for row in rows)
    place, titles = _BY_REPEATS if with_repeats else _BY_AGREEMENT
    known = [row for row in rows if np.isfinite(place(row)).all()]
    if len(known) < 2:
        raise NothingToDrawError("Fewer than two participants have values to draw.")
    figure = Drawing()
    for flagged in (False, True):
        for group in look.groups or ("",):
            part = [
                row for row in known
                if bool(row.flags) == flagged and (not look.groups or row.group == group)
            ]  # fmt: skip
            if part:
                figure.add_traces([_people(part, place, group, flagged, look)])
    if with_repeats:
        top = max(max(place(row)) for row in known)
        line = {"color": MUTED, "width": 1, "dash": "dot"}
        figure.add_scatter(
            x=[0, top], y=[0, top], mode="lines", line=line, hoverinfo="skip", showlegend=False
        )
    paper(figure, 440)
    figure.update_xaxes(title_text=titles[0])
    figure.update_yaxes(title_text=titles[1])
    return figure.figure()


Place = Callable[[ScreenedParticipant], tuple[float, float]]
"""Position of a participant on both axes."""

_BY_REPEATS: tuple[Place, tuple[str, str]] = (
    lambda row: (row.reliability_sd, row.discrimination),
    ("Reliability: spread of repeats, points", "Discrimination of stimuli, points"),
)
_BY_AGREEMENT: tuple[Place, tuple[str, str]] = (
    lambda row: (row.sd, row.agreement),
    ("Spread of the participant's ratings, points", "Agreement with the others (Spearman)"),
)


def _people(
    part: Sequence[ScreenedParticipant], place: Place, group: str, flagged: bool, look: Look
) -> Trace:
    colour = look.group_colour(group) if group else BLUE
    symbol = look.group_symbol(group) if group else "circle"
    name = short(look.label(group)) if group else "participants"
    count = f"(n = {len(part)})"
    known = "repeats" if place is _BY_REPEATS[0] else "agreement"
    return trace(
        "scatter",
        x=[place(row)[0] for row in part],
        y=[place(row)[1] for row in part],
        mode="markers+text" if flagged else "markers",
        text=[plain(row.participant) for row in part],
        textposition="top center",
        textfont={"size": 11, "color": MUTED},
        marker={
            "symbol": symbol,
            "size": 10,
            "color": faint(colour, 0.75),
            "line": {"width": 2.5 if flagged else 0.5, "color": INK if flagged else "white"},
        },
        meta=["flag", known] if flagged else [known],
        name=f"{name}, flagged {count}" if flagged else f"{name} {count}",
        hovertemplate="%{text}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
    )


def histograms(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """Histogram of all single ratings of each system, with the fitted normal curve."""
    rows = ratings[ratings["attribute"] == attribute].dropna(subset=["rating"])
    names = [name for name in look.systems if (rows["system"] == name).any()]
    if not names:
        raise NothingToDrawError("There are no ratings.")
    scale = look.scale(attribute)
    columns = min(3, len(names))
    n_rows = -(-len(names) // columns)
    figure = panels(
        n_rows, columns, shared_yaxes=True,
        subplot_titles=[f"{short(n, 30)} (n = {(rows['system'] == n).sum()})" for n in names],
        horizontal_spacing=0.04, vertical_spacing=0.24 / n_rows,
    )  # fmt: skip
    for place, name in enumerate(names):
        values = rows.loc[rows["system"] == name, "rating"].to_numpy(dtype=float)
        at = {"row": place // columns + 1, "col": place % columns + 1}
        figure.add_traces(_histogram(values, look.colour(name), scale), **at)
    paper(figure, 70 + 220 * n_rows)
    low, high = min(_bins(scale)[0], scale.at(-0.03)), max(_bins(scale)[-1], scale.at(1.03))
    figure.update_xaxes(range=[low, high], tickvals=scale_values(scale))
    figure.update_yaxes(title_text="Ratings", col=1)
    figure.update_annotations(font={"size": 13, "color": INK})
    figure.update_layout(showlegend=False, bargap=0)
    return figure.figure()


def _bins(scale: Scale) -> np.ndarray:
    """Edges of the bins: one bin per value if the scale has few values, else ten equal bins."""
    if scale.step is not None and len(scale_values(scale)) == scale.n_values:
        middles = np.array(scale_values(scale))
        return np.append(middles - scale.step / 2, middles[-1] + scale.step / 2)
    return np.array([scale.at(index / _N_BINS) for index in range(_N_BINS + 1)])


def _histogram(values: np.ndarray, colour: str, scale: Scale) -> list[Trace]:
    edges = _bins(scale)
    width = float(edges[1] - edges[0])
    counts, _ = np.histogram(values, edges)
    traces: list[Trace] = [
        trace(
            "bar",
            x=edges[:-1] + width / 2,
            y=counts,
            width=width * 0.94,
            marker={"color": faint(colour, 0.45), "line": {"color": colour, "width": 1}},
            hovertemplate="around %{x:.3~g}: %{y}<extra></extra>",
        )
    ]
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    if spread > 0:
        x = np.linspace(scale.minimum, scale.maximum, 101)
        curve = len(values) * width * norm.pdf(x, float(np.mean(values)), spread)
        line = {"color": INK, "width": 1.4}
        traces.append(trace("scatter", x=x, y=curve, mode="lines", line=line, hoverinfo="skip"))
    return traces
