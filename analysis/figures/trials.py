"""Figures of choices and heard differences: strengths, wins, right answers.

Each figure of trials is drawn from findings for one part of the study and one attribute.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np
import plotly.graph_objects as go

from analysis.figures.drawing import Drawing, Trace, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.style import (
    BLUE,
    GRID,
    INK,
    MUTED,
    Look,
    faint,
    jitter,
    paper,
    plain,
    short,
    wrapped,
)
from analysis.findings.adaptive.thresholds import Threshold, Track
from analysis.findings.discrimination.same_different import SameDifferent, ToldSame
from analysis.findings.discrimination.told_apart import Abx, ToldApart
from analysis.findings.sections import estimated
from analysis.findings.trials import Preference, Ranked, StrengthModel

_LIGHT_TO_DARK = [[0, "#fbfcfd"], [0.5, "#d3e5f1"], [1, "#4f9ccd"]]
_RIGHT = BLUE


def strengths(entry: Preference, look: Look) -> go.Figure:
    """Strength of each system with its interval, estimated from preferences.

    Raises
    ------
    NothingToDrawError
        The strengths could not be estimated.
    """
    won = {row.system: f"{row.total:g} wins" for row in entry.wins}
    return _strengths(estimated(entry.bradley_terry), won, entry.n_participants, look)


def strengths_of_orders(entry: Ranked, look: Look) -> go.Figure:
    """Strength of each system with its interval, from rankings or choices of the best system.

    Raises
    ------
    NothingToDrawError
        The strengths could not be estimated.
    """
    first = {row.system: f"first {row.n_first} of {row.n}" for row in entry.placed}
    return _strengths(estimated(entry.model), first, entry.n_participants, look)


def _strengths(
    fitted: StrengthModel | None, told: Mapping[str, str], n_participants: int, look: Look
) -> go.Figure:
    if fitted is None:
        raise NothingToDrawError("The strengths of the systems could not be estimated.")
    rows = fitted.strengths
    figure = Drawing()
    figure.add_vline(x=0, line={"color": MUTED, "width": 1, "dash": "dot"})
    for place, row in enumerate(rows):
        marker = {"symbol": look.symbol(row.system), "color": look.colour(row.system)}
        dot = _dot(place, row.strength, row.ci_low, row.ci_high, marker)
        dot["hovertemplate"] = f"{plain(row.system)}: %{{x:.2f}}<extra></extra>"
        figure.add_traces([dot])
    paper(figure, 110 + 46 * len(rows))
    words = [
        f"{short(row.system, 24)}<br><span style='color:{MUTED};font-size:11px'>"
        f"{told[row.system]}</span>"
        for row in rows
    ]
    _name_rows(figure, words)
    figure.update_xaxes(
        title_text=f"Strength, log odds (n = {n_participants} participants)",
        showgrid=True, gridcolor=GRID,
    )  # fmt: skip
    figure.update_layout(showlegend=False, margin={"t": 12})
    return figure.figure()


def wins(entry: Preference) -> go.Figure:
    """Share of comparisons in which the row's system won against the column's system."""
    names = list(entry.systems)
    values = np.full((len(names), len(names)), np.nan)
    texts = [["" for _ in names] for _ in names]
    for pair in entry.pairs:
        i, j = names.index(pair.a), names.index(pair.b)
        for row, column, won in ((i, j, pair.won_a), (j, i, pair.won_b)):
            values[row, column] = won / pair.n
            texts[row][column] = f"{100 * won / pair.n:.0f} %<br>{won:g} of {pair.n:g}"
    if np.isnan(values).all():
        raise NothingToDrawError("Nothing was compared.")
    figure = Drawing([
        trace(
            "heatmap",
            z=values, x=list(range(len(names))), y=list(range(len(names))),
            text=texts, texttemplate="%{text}", textfont={"color": INK, "size": 12},
            colorscale=_LIGHT_TO_DARK, zmin=0, zmax=1, xgap=2, ygap=2, hoverinfo="skip",
            colorbar={"title": {"text": "Share of wins", "side": "right", "font": {"size": 12}},
                      "thickness": 12, "outlinewidth": 0, "tickformat": ".0%"},
        )
    ])  # fmt: skip
    paper(figure, 130 + 54 * len(names))
    figure.update_xaxes(
        tickvals=list(range(len(names))),
        ticktext=[f"over {wrapped(name, 90 // len(names))}" for name in names],
        side="top",
    )
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=[short(name, 24) for name in names],
        autorange="reversed", showgrid=False,
    )  # fmt: skip
    figure.update_layout(margin={"t": 52, "b": 20})
    return figure.figure()


def told_apart(entry: Abx) -> go.Figure:
    """Share of right answers, per pair and in total, with exact limits; a dot is a participant."""
    rows: list[tuple[str, ToldApart]] = [
        *((f"{short(row.a, 16)} – {short(row.b, 16)}", row) for row in entry.pairs),
        ("<b>all pairs</b>", entry.overall),
    ]
    figure = Drawing()
    figure.add_vline(x=entry.chance, line={"color": MUTED, "width": 1.2, "dash": "dot"})
    people = [row.share for row in entry.participants]
    figure.add_scatter(
        x=people,
        y=len(rows) - 1 + 0.28 + jitter(len(people), 0.08),
        mode="markers",
        marker={"size": 6, "color": faint(MUTED, 0.5)},
        hovertemplate="a participant: %{x:.0%}<extra></extra>",
    )
    for place, (name, row) in enumerate(rows):
        is_overall = place == len(rows) - 1
        marker = {"symbol": "diamond" if is_overall else "circle", "color": _RIGHT}
        dot = _dot(place, row.share, row.ci_low, row.ci_high, marker)
        dot["hovertemplate"] = f"{name}: %{{x:.0%}} of {row.n}<extra></extra>"
        figure.add_traces([dot])
    paper(figure, 120 + 48 * len(rows))
    words = [
        f"{name}<br><span style='color:{MUTED};font-size:11px'>"
        f"{row.n_right} of {row.n}, n = {row.n_participants}</span>"
        for name, row in rows
    ]
    _name_rows(figure, words)
    figure.update_xaxes(
        title_text="Share of right answers", range=[-0.02, 1.02], tickformat=".0%",
        showgrid=True, gridcolor=GRID,
    )  # fmt: skip
    figure.add_annotation(
        x=entry.chance, y=1, yref="paper", yanchor="bottom", text="guessing", showarrow=False,
        font={"size": 11, "color": MUTED},
    )  # fmt: skip
    figure.update_layout(showlegend=False, margin={"t": 28})
    return figure.figure()


def said_different(entry: SameDifferent) -> go.Figure:
    """Share of answers "different" to different pairs and to same pairs, with exact limits."""
    rows: list[tuple[str, ToldSame]] = [
        *((f"{short(row.a, 16)} – {short(row.b, 16)}", row) for row in entry.pairs),
        ("<b>all pairs</b>", entry.overall),
    ]
    figure = Drawing()
    for place, (name, row) in enumerate(rows):
        for off, of, kind, symbol in (
            (-0.1, row.hits, "different", "circle"), (0.1, row.false_alarms, "same", "circle-open"),
        ):  # fmt: skip
            edge = {"width": 2, "color": _RIGHT}
            marker = {"symbol": symbol, "color": _RIGHT, "line": edge}
            dot = _dot(place + off, of.share, of.ci_low, of.ci_high, marker)
            dot["hovertemplate"] = f"{name}, {kind}: %{{x:.0%}} of {of.n}<extra></extra>"
            figure.add_traces([dot])
    paper(figure, 120 + 52 * len(rows))
    words = [
        f"{name}<br><span style='color:{MUTED};font-size:11px'>"
        f"● {row.hits.n_different} of {row.hits.n}, "
        f"○ {row.false_alarms.n_different} of {row.false_alarms.n}</span>"
        for name, row in rows
    ]
    _name_rows(figure, words)
    figure.update_xaxes(
        title_text="Share called different (● different pairs, ○ same pairs)",
        range=[-0.02, 1.02], tickformat=".0%", showgrid=True, gridcolor=GRID,
    )  # fmt: skip
    figure.update_layout(showlegend=False, margin={"t": 12})
    return figure.figure()


def thresholds(entry: Threshold) -> go.Figure:
    """Threshold of each listener on the scale of the levels, and the mean of all listeners.

    Raises
    ------
    NothingToDrawError
        No listener has finished a track.
    """
    places = entry.level_values
    outward = ("left", "right") if places[0] < places[-1] else ("right", "left")
    ends = {
        end: (place, f"triangle-{way}-open")
        for end, place, way in zip(
            ("easiest", "hardest"), (places[0], places[-1]), outward, strict=True
        )
    }
    own: dict[str, list[Track]] = {}
    for track in entry.tracks:
        own.setdefault(track.participant, []).append(track)
    told: list[tuple[float, str]] = []
    for tracks in own.values():
        beyond = [track.beyond for track in tracks if track.beyond]
        known = [track.by_reversals for track in tracks if isfinite(track.by_reversals)]
        if beyond:
            told.append(ends[beyond[0]])
        elif known:
            told.append((float(np.mean(known)), "circle"))
    if not told:
        raise NothingToDrawError("No staircase track is finished.")
    rows = [("mean by reversals", estimated(entry.by_reversals)),
            ("mean by curve", estimated(entry.by_curve))]  # fmt: skip
    figure = Drawing()
    figure.add_scatter(
        x=[at for at, _ in told], y=jitter(len(told), 0.2), mode="markers",
        marker={"size": 8, "color": faint(MUTED, 0.6), "symbol": [symbol for _, symbol in told]},
        hovertemplate="a listener: %{x:.2f}<extra></extra>",
        meta="open end" if any(symbol != "circle" for _, symbol in told) else None,
    )  # fmt: skip
    words = [f"listeners<br><span style='color:{MUTED};font-size:11px'>n = {len(told)}</span>"]
    for name, row in rows:
        if row is None:
            continue
        marker = {"symbol": "diamond", "color": BLUE}
        dot = _dot(len(words), row.mean, row.ci_low, row.ci_high, marker)
        dot["hovertemplate"] = f"{name}: %{{x:.2f}}<extra></extra>"
        figure.add_traces([dot])
        words.append(
            f"{name}<br><span style='color:{MUTED};font-size:11px'>n = {row.n_participants}</span>"
        )
    paper(figure, 130 + 48 * len(words))
    _name_rows(figure, words)
    edge = (max(places) - min(places)) / max(1, len(places) - 1) / 2
    named = zip(entry.levels, places, strict=True)
    shown = [f"{short(name, 12)}<br>{place:g}" for name, place in named]
    figure.update_xaxes(
        title_text="Level, as it is placed on the scale of the threshold",
        tickvals=list(places), ticktext=shown, showgrid=True, gridcolor=GRID,
        range=[min(places) - edge, max(places) + edge],
    )  # fmt: skip
    figure.update_layout(showlegend=False, margin={"t": 12})
    return figure.figure()


def _dot(
    place: float, value: float, low: float, high: float, marker: Mapping[str, object]
) -> Trace:
    """A value in a row, with its interval; a limit that could not be estimated is NaN."""
    return trace(
        "scatter",
        x=[value],
        y=[place],
        error_x={
            "symmetric": False,
            "array": [high - value if isfinite(high) else 0.0],
            "arrayminus": [value - low if isfinite(low) else 0.0],
            "color": INK,
            "thickness": 1.8,
            "width": 5,
        },
        mode="markers",
        marker={"size": 12, **marker},
    )


def _name_rows(figure: Drawing, words: list[str]) -> None:
    """Label each row with a name; the first name is at the top."""
    figure.update_yaxes(
        tickvals=list(range(len(words))),
        ticktext=words,
        range=[len(words) - 0.4, -0.6],
        showgrid=False,
    )
