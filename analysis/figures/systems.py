"""Ratings of systems: box plots with means and intervals, participants' lines, violins.

Every figure of systems needs ratings (columns participant, group, song, system, attribute, rating)
and a :class:`~analysis.figures.style.Look`. Each dot is a participant's mean over all songs, so
that all participants have equal weight. Only :func:`violins` shows single ratings; Li (2022) does
the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from analysis.figures.drawing import Drawing, Trace, panels, trace
from analysis.figures.findings import NothingToDrawError
from analysis.figures.rating_axis import arrowheads, error_bars, rating_axis
from analysis.figures.songs import songs_drawn
from analysis.figures.style import (
    INK,
    MUTED,
    Look,
    faint,
    jitter,
    mean_interval,
    paper,
    participant_means,
    plain,
    set_apart,
    short,
    wrapped,
)
from analysis.scale import Scale, on_one_scale


def by_system(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """For each system: box plot, participants' means, and their mean with its 95 % t interval."""
    figure = Drawing()
    means = participant_means(ratings, attribute)
    _add_systems(figure, means, look, look.scale(attribute), {})
    paper(figure, 460)
    rating_axis(figure, look, look.scale(attribute))
    _name_systems(figure, means, look)
    figure.update_layout(showlegend=False, margin={"t": 16, "b": 64})
    return figure.figure()


def by_group(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """The same figure as :func:`by_system`, with one panel for each listener group."""
    means = participant_means(ratings, attribute)
    columns = min(3, max(1, len(look.groups)))
    rows = -(-len(look.groups) // columns)
    sizes = means.groupby("group", observed=True)["participant"].nunique()
    titles = [f"{short(look.label(group))} (n = {sizes.get(group, 0)})" for group in look.groups]
    figure = panels(
        rows, columns, shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.03,
        specs=_specs(len(look.groups), columns),
    )  # fmt: skip
    for index, group in enumerate(look.groups):
        place = {"row": index // columns + 1, "col": index % columns + 1}
        _add_systems(figure, means[means["group"] == group], look, look.scale(attribute), place)
    paper(figure, 60 + 380 * rows)
    rating_axis(figure, look, look.scale(attribute))
    _name_systems(figure, None, look, columns)
    figure.update_annotations(font={"size": 13, "color": INK}, yshift=4)
    figure.update_layout(showlegend=False, margin={"b": 36})
    return figure.figure()


MOST_BOXES = 600
"""Largest number of boxes: with more boxes, the panels could not be read."""


def song_panels(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """The same figure as :func:`by_system`, with one panel per song; each dot is one rating.

    Raises
    ------
    NothingToDrawError
        The figure would have more than 600 boxes, or more than 100 songs.
    """
    rows = ratings[ratings["attribute"] == attribute].dropna(subset=["rating"])
    songs = songs_drawn(rows, look)
    if len(songs) * len(look.systems) > MOST_BOXES:
        raise NothingToDrawError(f"There are more than {MOST_BOXES} boxes to draw.")
    keys = ["participant", "song", "system"]
    cells = rows.groupby(keys, observed=True)["rating"].mean().reset_index()
    columns = min(3, len(songs))
    n_rows = -(-len(songs) // columns)
    people = rows.groupby("song", observed=True)["participant"].nunique()
    figure = panels(
        n_rows, columns, shared_yaxes=True,
        subplot_titles=[f"{short(song)} (n = {people[song]})" for song in songs],
        horizontal_spacing=0.03, vertical_spacing=0.26 / n_rows, specs=_specs(len(songs), columns),
    )  # fmt: skip
    for index, song in enumerate(songs):
        place = {"row": index // columns + 1, "col": index % columns + 1}
        _add_systems(figure, cells[cells["song"] == song], look, look.scale(attribute), place)
    paper(figure, 60 + 270 * n_rows)
    rating_axis(figure, look, look.scale(attribute))
    _name_systems(figure, None, look, columns)
    figure.update_annotations(font={"size": 13, "color": INK}, yshift=4)
    figure.update_layout(showlegend=False, margin={"b": 36})
    return figure.figure()


def _specs(n: int, columns: int) -> list[list[dict[str, str] | None]]:
    """Layout of ``n`` panels in rows; empty places at the end are removed."""
    n_rows = -(-n // columns)
    return [[{} if r * columns + c < n else None for c in range(columns)] for r in range(n_rows)]


def _add_systems(
    figure: Drawing, means: pd.DataFrame, look: Look, scale: Scale, place: dict[str, int]
) -> None:
    for index, system in enumerate(look.systems):
        rows = means[means["system"] == system].sort_values("participant")
        values = rows["rating"].to_numpy(dtype=float)
        if not len(values):
            continue
        made = _system_traces(index, system, rows["participant"], values, look, scale)
        figure.add_traces(made, **place)


def _system_traces(
    index: int,
    system: str,
    participants: pd.Series[str],
    values: np.ndarray,
    look: Look,
    scale: Scale,
) -> list[Trace]:
    colour, name = look.colour(system), plain(system)
    mean, half = mean_interval(values)
    interval = [mean], [mean - half], [mean + half]
    box = trace(
        "box",
        x=np.full(len(values), float(index) - 0.08),
        y=values,
        width=0.46,
        boxpoints=False,
        quartilemethod="inclusive",
        line={"color": colour, "width": 1.4},
        fillcolor=faint(colour, 0.14),
        hoverinfo="skip",
    )
    dots = trace(
        "scatter",
        x=index - 0.08 + jitter(len(values), 0.17),
        y=values,
        mode="markers",
        marker={
            "symbol": look.symbol(system),
            "size": 6,
            "color": faint(colour, 0.62),
            "line": {"width": 0.5, "color": "white"},
        },
        text=[plain(participant) for participant in participants],
        hovertemplate=f"%{{text}}<br>{name}: %{{y:.3~g}}<extra></extra>",
    )
    diamond = trace(
        "scatter",
        x=[index + 0.3],
        y=[mean],
        error_y=error_bars(*interval, scale, color=INK, thickness=1.8, width=5,
                           visible=not np.isnan(half)),
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": colour,
                "line": {"width": 1.4, "color": INK}},
        hovertemplate=f"{name}<br>mean %{{y:.3~g}} ± {half:.3g}<extra>n = {len(values)}</extra>",
    )  # fmt: skip
    return [box, dots, diamond, *arrowheads([index + 0.3], *interval[1:], scale, INK)]


def _name_systems(
    figure: Drawing, means: pd.DataFrame | None, look: Look, n_panels: int = 1
) -> None:
    """Label the x axes with the systems' names; if means are given, with n as well."""
    texts = []
    length = 110 // (len(look.systems) * n_panels)
    for system in look.systems:
        text = wrapped(system, length)
        if system in look.apart:
            text += f"<br><span style='color:{MUTED};font-size:11px'>not compared</span>"
        if means is not None:
            count = int((means["system"] == system).sum())
            text += f"<br><span style='color:{MUTED};font-size:11px'>n = {count}</span>"
        texts.append(text)
    set_apart(figure, look)
    figure.update_xaxes(
        tickmode="array",
        tickangle=0 if length >= 6 else None,
        tickvals=list(range(len(look.systems))),
        ticktext=texts,
        range=[-0.5, len(look.systems) - 0.4],
    )


def slopes(ratings: pd.DataFrame, attribute: str, look: Look) -> go.Figure:
    """One line per participant across the systems; the mean of all participants is in front.

    Lines that cross mean that the listeners disagree about the order of the systems.
    """
    table = participant_means(ratings, attribute).pivot_table(
        index="participant", columns="system", values="rating", observed=True
    )
    systems = [system for system in look.systems if system in table.columns]
    groups = group_of(ratings)
    sizes = Counter(groups.get(str(participant), "") for participant in table.index)
    figure = Drawing()
    shown: set[str] = set()
    for participant, row in table[systems].iterrows():
        group = groups.get(str(participant), "")
        colour = look.group_colour(group) if group in look.groups else MUTED
        figure.add_scatter(
            x=list(range(len(systems))),
            y=row.to_numpy(),
            mode="lines+markers",
            line={"color": faint(colour, 0.5), "width": 1.2},
            marker={
                "symbol": look.group_symbol(group) if group in look.groups else "circle",
                "size": 5,
            },
            name=f"{short(look.label(group))} (n = {sizes.get(group, 0)})",
            legendgroup=group,
            legendrank=look.groups.index(group) if group in look.groups else 999,
            showlegend=len(look.groups) > 1 and bool(group) and group not in shown,
            hovertemplate=f"{plain(str(participant))}: %{{y:.3~g}}<extra></extra>",
        )
        shown.add(group)
    figure.add_scatter(
        x=list(range(len(systems))),
        y=[float(table[system].mean()) for system in systems],
        mode="lines+markers",
        line={"color": INK, "width": 3},
        marker={"symbol": "diamond", "size": 12, "line": {"color": "white", "width": 1.5}},
        name=f"mean of all (n = {len(table)})",
        hovertemplate="mean %{y:.3~g}<extra></extra>",
    )
    paper(figure, 460)
    rating_axis(figure, look, look.scale(attribute))
    set_apart(figure, look)
    figure.update_xaxes(
        tickvals=list(range(len(systems))),
        ticktext=[wrapped(system, 110 // len(systems)) for system in systems],
        range=[-0.3, len(systems) - 0.7],
    )
    return figure.figure()


def group_of(ratings: pd.DataFrame) -> dict[str, str]:
    """Listener group of each participant; empty if the table has no groups."""
    if "group" not in ratings:
        return {}
    first = ratings.dropna(subset=["group"]).drop_duplicates("participant")
    return dict(zip(first["participant"].astype(str), first["group"].astype(str), strict=True))


def violins(ratings: pd.DataFrame, attributes: tuple[str, ...], look: Look) -> go.Figure:
    """Li's (2022) figure: a violin of all single ratings for each attribute and system.

    In violins, each rating counts as one observation, as in Li (2022). The violins show how
    listeners used the scale. The spread of a violin does not show how precise the mean is.
    """
    ratings, scale = on_one_scale(ratings[ratings["attribute"].isin(attributes)])
    columns = min(3, len(attributes))
    rows = -(-len(attributes) // columns)
    figure = panels(
        rows,
        columns,
        shared_yaxes=True,
        subplot_titles=[
            f"{short(look.label(name), 30)} ({_n_rated(ratings, name)} ratings)"
            for name in attributes
        ],
        horizontal_spacing=0.03,
        vertical_spacing=0.24 / rows,
        specs=_specs(len(attributes), columns),
    )
    for place, attribute in enumerate(attributes):
        part = ratings[ratings["attribute"] == attribute].dropna(subset=["rating"])
        for index, system in enumerate(look.systems):
            values = part.loc[part["system"] == system, "rating"].to_numpy(dtype=float)
            if len(values):
                figure.add_traces(
                    _violin(index, system, values, look, scale),
                    row=place // columns + 1,
                    col=place % columns + 1,
                )
    paper(figure, 60 + 330 * rows)
    is_shared = set(map(look.scale, attributes)) == {scale}
    title = "Rating" if is_shared else "Rating, % of its scale"
    rating_axis(figure, look if is_shared else replace(look, scale_labels=()), scale, title)
    _name_systems(figure, None, look, columns)
    figure.update_annotations(font={"size": 13, "color": INK})
    figure.update_layout(showlegend=False, violingap=0, margin={"b": 36})
    return figure.figure()


def _n_rated(ratings: pd.DataFrame, attribute: str) -> int:
    return int(ratings.loc[ratings["attribute"] == attribute, "rating"].notna().sum())


def _violin(index: int, system: str, values: np.ndarray, look: Look, scale: Scale) -> list[Trace]:
    colour, name = look.colour(system), plain(system)
    violin = trace(
        "violin",
        x=np.full(len(values), float(index)),
        y=values,
        width=0.86,
        span=[scale.minimum, scale.maximum],
        spanmode="manual",
        points=False,
        box={"visible": True, "width": 0.16, "fillcolor": "white"},
        line={"color": colour, "width": 1.3},
        fillcolor=faint(colour, 0.07 if look.is_mark(system) else 0.18),
        hoverinfo="skip",
    )
    mean = trace(
        "scatter",
        x=[index],
        y=[float(np.mean(values))],
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": colour,
                "line": {"width": 1.2, "color": INK}},
        hovertemplate=f"{name}<br>mean %{{y:.3~g}}<extra>{len(values)} ratings</extra>",
    )  # fmt: skip
    return [violin, mean]
