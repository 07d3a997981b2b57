"""Figures of a report; a figure is drawn only if the data are sufficient for it.

Titles and captions of figures are in :mod:`analysis.figures.captions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import plotly.graph_objects as go

from analysis.figures import (
    completeness,
    effects,
    findings,
    listening,
    points,
    predictions,
    songs,
    systems,
    trials,
)
from analysis.figures.captions import TITLES, caption_of
from analysis.figures.style import Look, plain
from analysis.findings.primary import AttributeFindings
from analysis.findings.screening import Screening
from analysis.findings.trials import Trials
from analysis.trial_columns import ABX, BEST, PREFERENCE, RANKING, SAME_DIFFERENT, TRIANGLE


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """One figure of a report.

    Parameters
    ----------
    name
        File name of the figure without suffix: letters, digits and hyphens.
    attribute
        The attribute that is shown; empty if the figure shows all attributes.
    kind
        Content, e.g. ``"forest"``.
    title, caption
        ``title`` is for the reader. ``caption`` first explains the figure, then the marks and
        intervals.
    figure
        The plotly figure.
    min_width_px
        Smallest width in pixels. On a narrower screen, the reader scrolls the figure sideways.
    """

    name: str
    attribute: str
    kind: str
    title: str
    caption: str
    figure: go.Figure
    min_width_px: int


# Kinds of figures for the primary attribute. Other attributes get fewer kinds of figures.
_FULL = (
    "by-system", "forest", "by-group", "interaction", "slopes", "by-song", "song-panels",
    "heat-map", "variance", "caterpillar", "residuals", "fitted", "histogram",
)  # fmt: skip
TRIAL_KINDS = ("wins", "strengths", "told-apart", "said-different", "thresholds")
"""Kinds that show choices between mixes instead of ratings."""
_SHORT = ("by-system", "forest", "interaction", "by-song")


def attribute_figures(
    ratings: pd.DataFrame,
    section: AttributeFindings,
    attribute: str,
    look: Look,
    slug: str,
    full: bool = True,
) -> list[ReportFigure]:
    """Figures that can be drawn for one attribute, in the order for reading.

    Parameters
    ----------
    ratings
        The analysed ratings; the ratings of excluded participants are left out.
    section
        Findings about the attribute.
    slug
        Beginning of the file names, from :func:`slugs`.
    full
        True: all kinds of figures are drawn. False: figures that show details are left out.
    """
    drawers = _drawers(ratings, section, attribute, look)
    made = []
    for kind in _FULL if full else _SHORT:
        try:
            figure = drawers[kind]()
        except findings.NothingToDrawError:
            continue
        if figure is not None:
            made.append(_entry(f"{slug}-{kind}", attribute, kind, figure, look))
    return made


def attribute_figure(
    kind: str,
    ratings: pd.DataFrame,
    section: AttributeFindings,
    attribute: str,
    look: Look,
) -> ReportFigure:
    """One figure of :func:`attribute_figures`, selected by its kind.

    Raises
    ------
    NothingToDrawError
        The data are not sufficient for the figure.
    """
    figure = _drawers(ratings, section, attribute, look)[kind]()
    if figure is None:
        raise findings.NothingToDrawError("There is only one group, or one song, to compare.")
    return _entry(kind, attribute, kind, figure, look)


def points_figure(ratings: pd.DataFrame, attribute: str, look: Look) -> ReportFigure:
    """Figure with a dot for each rating, linked to its stimulus; reports do not contain it."""
    figure = points.every_rating(ratings, attribute, look.of(attribute))
    return _entry("points", attribute, "points", figure, look)


def violin_figure(
    ratings: pd.DataFrame, attributes: Sequence[str], look: Look
) -> list[ReportFigure]:
    """Li's (2022) figure, which shows all attributes, as a list with one item."""
    figure = systems.violins(ratings, tuple(attributes), look)
    return [_entry("violins", "", "violins", figure, look)]


def participant_figures(
    ratings: pd.DataFrame,
    screening: Screening,
    look: Look,
    planned: pd.DataFrame | None = None,
) -> list[ReportFigure]:
    """Figures about the participants: missing data, screening, plays.

    Parameters
    ----------
    ratings
        The analysed ratings; the columns plays, switches and time_s are included if they are known.
    screening
        Part of the findings about the participants.
    planned
        Columns participant and song: planned ratings; None if the plan is unknown.
    """
    drawers: dict[str, Callable[[], go.Figure]] = {
        "missing": lambda: completeness.missing_map(ratings, planned, look),
        "screening": lambda: listening.screening(screening.participants, look),
        "behaviour": lambda: listening.behaviour(ratings, look),
    }
    made = []
    for kind, draw in drawers.items():
        try:
            made.append(_entry(kind, "", kind, draw(), look))
        except findings.NothingToDrawError:
            continue
    return made


def scatter_figures(
    measured: Sequence[tuple[str, Sequence[predictions.Point]]], look: Look
) -> list[ReportFigure]:
    """One figure, with its name, for each measure that has points to draw."""
    return [
        _entry(f"scatter-{number}", "", "scatter", predictions.scatter(measure, points, look), look)
        for number, (measure, points) in enumerate(measured, start=1)
    ]


def trial_figures(
    found: Trials | None, look: Look
) -> tuple[list[ReportFigure], dict[str, list[str]]]:
    """Figures of all kinds of trials; for each entry (JSON pointer), the names of its figures.

    Each entry has a list of names, which is empty if there is nothing to draw.

    Parameters
    ----------
    found
        Part of the findings about trials; None without trials.
    """
    found = found or Trials()
    compared = [name for entry in found.preference for name in entry.systems]
    compared += [name for entry in (*found.ranking, *found.best) for name in entry.systems]
    # Systems that occur only in comparisons come last, so that all other systems keep their
    # colours.
    look = replace(look, systems=tuple(dict.fromkeys((*look.systems, *compared))))
    made: list[ReportFigure] = []
    names: dict[str, list[str]] = {}
    for each in _trial_drawers(found, look):
        of_entry = names.setdefault(f"{each.what}/{each.place}", [])
        try:
            figure = each.draw()
        except findings.NothingToDrawError:
            continue
        name = f"{each.what}-{each.place + 1}-{each.kind}"
        made.append(_entry(name, each.title, each.kind, figure, look))
        of_entry.append(name)
    return made, names


@dataclass(frozen=True, slots=True)
class _TrialDrawer:
    """Function that draws a figure of a kind of trials, for the entry with the number ``place``."""

    what: str
    place: int
    title: str
    kind: str
    draw: Callable[[], go.Figure]


def _trial_drawers(found: Trials, look: Look) -> list[_TrialDrawer]:
    drawers = []
    for place, chosen in enumerate(found.preference):
        title = " · ".join(filter(None, (chosen.part, chosen.attribute)))
        strengths = partial(trials.strengths, chosen, look)
        drawers += [
            _TrialDrawer(PREFERENCE, place, title, "wins", partial(trials.wins, chosen)),
            _TrialDrawer(PREFERENCE, place, title, "strengths", strengths),
        ]
    for kind, orders in ((RANKING, found.ranking), (BEST, found.best)):
        for place, ranked in enumerate(orders):
            title = " · ".join(filter(None, (ranked.part, ranked.attribute)))
            draw = partial(trials.strengths_of_orders, ranked, look)
            drawers.append(_TrialDrawer(kind, place, title, "strengths", draw))
    for kind, entries in ((ABX, found.abx), (TRIANGLE, found.triangle)):
        for place, told in enumerate(entries):
            draw = partial(trials.told_apart, told)
            drawers.append(_TrialDrawer(kind, place, told.part, "told-apart", draw))
    for place, said in enumerate(found.same_different):
        show = partial(trials.said_different, said)
        drawers.append(_TrialDrawer(SAME_DIFFERENT, place, said.part, "said-different", show))
    for place, entry in enumerate(found.thresholds):
        among = partial(trials.thresholds, entry)
        drawers.append(_TrialDrawer("threshold", place, entry.part, "thresholds", among))
    return drawers


def _drawers(
    ratings: pd.DataFrame, section: AttributeFindings, attribute: str, look: Look
) -> dict[str, Callable[[], go.Figure | None]]:
    look = look.of(attribute)
    has_groups, has_songs = len(look.groups) > 1, len(look.songs) > 1
    return {
        "by-system": lambda: systems.by_system(ratings, attribute, look),
        "forest": lambda: findings.forest(section),
        "by-group": lambda: systems.by_group(ratings, attribute, look) if has_groups else None,
        "interaction": lambda: findings.interaction(section, look) if has_groups else None,
        "slopes": lambda: systems.slopes(ratings, attribute, look),
        "by-song": lambda: songs.by_song(ratings, attribute, look) if has_songs else None,
        "song-panels": lambda: systems.song_panels(ratings, attribute, look) if has_songs else None,
        "heat-map": lambda: songs.heat_map(ratings, attribute, look) if has_songs else None,
        "variance": lambda: findings.variance_components(section, look.wording),
        "caterpillar": lambda: effects.caterpillar(section, look, systems.group_of(ratings)),
        "residuals": lambda: findings.residual_qq(section),
        "fitted": lambda: findings.residual_fitted(section),
        "histogram": lambda: listening.histograms(ratings, attribute, look),
    }


def _entry(name: str, attribute: str, kind: str, figure: go.Figure, look: Look) -> ReportFigure:
    n_systems, n_groups, n_songs = len(look.systems), len(look.groups), len(look.songs)
    widths = {
        "by-system": 76 + 58 * n_systems,
        "by-group": 76 + 58 * n_systems * min(3, n_groups),
        "interaction": 76 + 58 * n_systems,
        "slopes": 76 + 58 * n_systems,
        "by-song": 110 + max(11 * n_systems, 32) * (n_songs + 1),
        "song-panels": 76 + 58 * n_systems * min(3, n_songs),
        "heat-map": 112 + 50 * n_systems,
        "points": 110 + max(16 * n_systems, 40) * n_songs,
        "caterpillar": 620,
        "said-different": 560,
        "missing": 130 + 40 * n_songs,
        "wins": 190 + 90 * n_systems,
        "violins": 76 + 58 * n_systems * 3,
        "histogram": 76 + 150 * min(3, n_systems),
        "behaviour": 76 + 56 * max(n_systems, n_songs),
    }
    title = look.wording.of(TITLES[kind])
    caption = look.wording.of(caption_of(kind, figure))
    figure.layout.meta = {"title": plain(title)}
    width = min(900, widths.get(kind, 320))
    return ReportFigure(name, attribute, kind, title, caption, figure, width)


def slugs(names: Sequence[str]) -> dict[str, str]:
    """Unique beginnings of file names, made of lower-case letters, digits and hyphens."""
    made: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or f"attribute-{number}"
        made[name] = stem if stem not in made.values() else f"{stem}-{number}"
    return made
