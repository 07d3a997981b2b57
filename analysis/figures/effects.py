"""Caterpillar plot: how far each participant and each song deviates from the model's average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from scipy.stats import norm

from analysis.figures.drawing import Drawing, Trace, panels, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.style import BLUE, GRID, INK, MUTED, Look, paper, plain, short
from analysis.findings.models import MixedModel, RandomEffect
from analysis.findings.primary import AttributeFindings, fitted_model

_NORMAL_95 = float(norm.ppf(0.975))
_MOST_NAMES = 60
"""Number of rows beyond which names would overlap."""

_TITLES = {"participant": "Participants", "song": "Songs"}


def caterpillar(section: AttributeFindings, look: Look, group_of: Mapping[str, str]) -> go.Figure:
    """Predicted effects of participants and songs, with 95 % intervals, in ascending order.

    Parameters
    ----------
    section
        Findings of the attribute; the effects are taken from its primary model.
    look
        Names of the listener groups.
    group_of
        Listener group of each participant.

    Raises
    ------
    NothingToDrawError
        The model has no effect of participants or songs, or all these effects are zero.
    """
    model = fitted_model(section)
    found = model.random if isinstance(model, MixedModel) else {}
    shown = {
        name: sorted(found[name], key=lambda row: row.value)
        for name in _TITLES
        if name in found and any(row.value for row in found[name])
    }
    if not shown:
        raise NothingToDrawError("The model has no effects of participants or songs.")
    titles = [f"{_TITLES[name]} (n = {len(rows)})" for name, rows in shown.items()]
    figure = panels(1, len(shown), subplot_titles=titles, horizontal_spacing=0.2)
    for column, (name, rows) in enumerate(shown.items(), start=1):
        figure.add_traces(_traces(name, rows, look, group_of), col=column)
        figure.add_vline(x=0, line={"color": MUTED, "width": 1}, col=column)
        _name_rows(figure, column, rows)
    longest = max(len(rows) for rows in shown.values())
    height_px = int(min(980, max(280, 120 + 18 * longest)))
    paper(figure, height_px)
    figure.update_xaxes(
        title_text="Points above or below the average", gridcolor=GRID, showgrid=True
    )
    figure.update_yaxes(showgrid=False)
    figure.update_annotations(font={"size": 13, "color": INK})
    figure.update_layout(legend={"y": -70 / height_px, "yanchor": "top"})
    return figure.figure()


def _name_rows(figure: Drawing, column: int, rows: Sequence[RandomEffect]) -> None:
    shown = range(len(rows)) if len(rows) <= _MOST_NAMES else ()
    figure.update_yaxes(
        tickvals=list(shown),
        ticktext=[short(rows[place].level, 20) for place in shown],
        tickfont={"size": 11},
        range=[-0.8, len(rows) - 0.2],
        row=1, col=column,
    )  # fmt: skip


def _traces(
    name: str, rows: Sequence[RandomEffect], look: Look, group_of: Mapping[str, str]
) -> list[Trace]:
    """Each listener group is drawn as one trace (its participants); all songs are one trace."""
    if name == "song" or len(look.groups) < 2:
        colour = BLUE if name == "participant" else MUTED
        symbol = "circle" if name == "participant" else "diamond"
        return [_effects(list(enumerate(rows)), colour, symbol, "")]
    made = []
    for group in look.groups:
        part = [(y, row) for y, row in enumerate(rows) if group_of.get(row.level) == group]
        if part:
            colour, symbol = look.group_colour(group), look.group_symbol(group)
            made.append(_effects(part, colour, symbol, f"{look.label(group)} (n = {len(part)})"))
    return made


def _effects(
    part: Sequence[tuple[int, RandomEffect]], colour: str, symbol: str, name: str
) -> Trace:
    return trace(
        "scatter",
        x=[row.value for _, row in part],
        y=[y for y, _ in part],
        error_x={
            "array": [_NORMAL_95 * row.sd for _, row in part],
            "thickness": 1.4,
            "width": 0,
            "color": colour,
        },
        mode="markers",
        marker={"symbol": symbol, "size": 8, "color": colour},
        name=short(name, 40),
        showlegend=bool(name),
        text=[plain(row.level) for _, row in part],
        hovertemplate="%{text}: %{x:.3~g}<extra></extra>",
    )
