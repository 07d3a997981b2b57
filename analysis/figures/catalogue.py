"""Which figures a report has, what each is called, and what its caption says.

A caption says what a dot and what an interval is; it holds no finding and no number of the
data, so that it is true of every study.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures import findings, listening, points, songs, systems
from analysis.figures.style import Look, plain
from analysis.reading import rows_of


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """One figure of a report.

    Parameters
    ----------
    name
        File name without suffix: letters, digits and hyphens.
    attribute
        The attribute shown; empty when the figure shows all of them.
    kind
        What it shows, e.g. ``"forest"``.
    title, caption
        For the reader; ``caption`` says what the marks and intervals are.
    figure
        The plotly figure.
    min_width_px
        Below this width the figure is scrolled sideways instead of squeezed.
    """

    name: str
    attribute: str
    kind: str
    title: str
    caption: str
    figure: go.Figure
    min_width_px: int


_TITLES = {
    "by-system": "Ratings of each system",
    "forest": "Differences between systems",
    "by-group": "Ratings in each listener group",
    "interaction": "Listener group × system",
    "slopes": "Each participant through the systems",
    "by-song": "Song by song",
    "heat-map": "Song × system",
    "variance": "Where the ratings vary",
    "residuals": "Residuals of the model",
    "fitted": "Residuals over fitted ratings",
    "histogram": "How the scale was used",
    "screening": "How carefully each participant rated",
    "behaviour": "What participants played",
    "violins": "All single ratings, as the seed study shows them",
    "points": "Every rating",
}

_CAPTIONS = {
    "by-system": (
        "A dot is one participant's mean over the songs; n counts participants. Box: median and "
        "quartiles (hinges), whiskers to the furthest dot within 1.5 box lengths. Diamond: mean of "
        "the participants with its 95 % t interval. The interval belongs to that mean alone: "
        "whether two systems differ is read from the differences, not from overlap."
    ),
    "forest": (
        "Dot: estimated difference (first system minus second) in points of the scale; thick line: "
        "90 % interval; thin line: 95 % interval, neither adjusted for the number of pairs. The "
        "verdict uses the Holm-adjusted p value and the equivalence test; the grey band is the "
        "margin inside which a difference counts as nothing."
    ),
    "by-group": (
        "As above, one panel a listener group. Groups are compared by the interaction, never by "
        "one being significant and another not."
    ),
    "interaction": (
        "Estimated mean of each group and system with its 95 % interval. Parallel lines mean that "
        "the groups judge the systems alike."
    ),
    "slopes": (
        "One line a participant (mean over songs); the thick line is the mean of all. Crossing "
        "lines show listeners who disagree about the order of the systems."
    ),
    "by-song": (
        "Mean over participants with its 95 % t interval; the number of participants stands in "
        "brackets. The last column averages each participant's songs first."
    ),
    "heat-map": "Mean rating over participants in each cell; darker is higher.",
    "variance": (
        "Standard deviation of each random term of the mixed model, in points, and its share of "
        "the variance. Blue terms blur the comparison of systems: participant × system falls with "
        "more participants, song × system only with more songs."
    ),
    "residuals": (
        "Quantiles of the residuals against a normal distribution. Points near the line: the "
        "model's assumption holds well enough."
    ),
    "fitted": (
        "A band of even width: the spread of the residuals is the same along the scale. Slanted "
        "edges come from the ends of the scale, where ratings cannot go on."
    ),
    "histogram": (
        "Every single rating counts, in bins of ten points; the curve is the normal distribution "
        "of the same mean and spread. Two humps, or a crowd at an end of the scale, make a mean a "
        "poor summary."
    ),
    "screening": (
        "One mark a participant; those that the screening flags are ringed and named. With "
        "repeated pages: spread of a participant's repeats against that of the stimuli in their "
        "ratings, in points; above the dotted line stimuli differ more than repeats. Without: "
        "spread of all own ratings against the rank correlation with the mean of the others. "
        "Nobody is excluded by this picture."
    ),
    "behaviour": (
        "Box: median and quartiles (hinges); a dot is one stimulus, or one page, of one "
        "participant. Time and switches belong to a page with all its systems, so they are shown "
        "by song."
    ),
    "violins": (
        "Every single rating counts here, so a participant appears once a song. Box: quartiles; "
        "diamond: mean. The picture shows how the scale was used, not how sure the means are."
    ),
    "points": (
        "A dot is one rating of one stimulus by one participant; the systems stand beside each "
        "other within a song. Dots of one participant belong together; they are not independent."
    ),
}

# Kinds drawn for the attribute that answers the question; the others get the shorter list.
_FULL = (
    "by-system", "forest", "by-group", "interaction", "slopes", "by-song", "heat-map",
    "variance", "residuals", "fitted", "histogram",
)  # fmt: skip
_SHORT = ("by-system", "forest", "interaction", "by-song")


def attribute_figures(
    ratings: pd.DataFrame,
    section: Mapping[str, Any],
    attribute: str,
    look: Look,
    slug: str,
    full: bool = True,
    margin: float = 5.0,
) -> list[ReportFigure]:
    """Figures of one attribute that its data can carry, in reading order.

    Parameters
    ----------
    ratings
        The analysed ratings, exclusions already taken out.
    section
        The attribute's part of ``results.json``.
    slug
        Start of the file names, from :func:`slugs`.
    full
        All kinds; False leaves out the closer looks.
    margin
        Equivalence margin in points, drawn as a band.
    """
    drawers = _drawers(ratings, section, attribute, look, margin)
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
    section: Mapping[str, Any],
    attribute: str,
    look: Look,
    margin: float = 5.0,
) -> ReportFigure:
    """One figure of :func:`attribute_figures`, by its kind.

    Raises
    ------
    NothingToDrawError
        The data cannot carry it.
    """
    figure = _drawers(ratings, section, attribute, look, margin)[kind]()
    if figure is None:
        raise findings.NothingToDrawError("there is only one group, or one song, to compare")
    return _entry(kind, attribute, kind, figure, look)


def points_figure(ratings: pd.DataFrame, attribute: str, look: Look) -> ReportFigure:
    """Every rating of an attribute as a dot that carries what was heard; not part of a report."""
    figure = points.every_rating(ratings, attribute, look)
    return _entry("points", attribute, "points", figure, look)


def violin_figure(
    ratings: pd.DataFrame, attributes: Sequence[str], look: Look
) -> list[ReportFigure]:
    """The seed's display of all attributes, as a list of one."""
    figure = systems.violins(ratings, tuple(attributes), look)
    return [_entry("violins", "", "violins", figure, look)]


def participant_figures(
    ratings: pd.DataFrame, screening: Mapping[str, Any], look: Look
) -> list[ReportFigure]:
    """Figures of the participants rather than of one attribute: screening and what was played.

    Parameters
    ----------
    ratings
        The analysed ratings, with the columns plays, switches and time_s where known.
    screening
        The part of that name of ``results.json``.
    """
    people = rows_of(screening.get("participants"))
    drawers: dict[str, Callable[[], go.Figure]] = {
        "screening": lambda: listening.screening(people, look),
        "behaviour": lambda: listening.behaviour(ratings, look),
    }
    made = []
    for kind, draw in drawers.items():
        try:
            made.append(_entry(kind, "", kind, draw(), look))
        except findings.NothingToDrawError:
            continue
    return made


def _drawers(
    ratings: pd.DataFrame, section: Mapping[str, Any], attribute: str, look: Look, margin: float
) -> dict[str, Callable[[], go.Figure | None]]:
    has_groups, has_songs = len(look.groups) > 1, len(look.songs) > 1
    return {
        "by-system": lambda: systems.by_system(ratings, attribute, look),
        "forest": lambda: findings.forest(section, margin),
        "by-group": lambda: systems.by_group(ratings, attribute, look) if has_groups else None,
        "interaction": lambda: findings.interaction(section, look) if has_groups else None,
        "slopes": lambda: systems.slopes(ratings, attribute, look),
        "by-song": lambda: songs.by_song(ratings, attribute, look) if has_songs else None,
        "heat-map": lambda: songs.heat_map(ratings, attribute, look) if has_songs else None,
        "variance": lambda: findings.variance_components(section),
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
        "heat-map": 112 + 50 * n_systems,
        "points": 110 + max(16 * n_systems, 40) * n_songs,
        "violins": 76 + 58 * n_systems * 3,
        "histogram": 76 + 150 * min(3, n_systems),
        "behaviour": 76 + 56 * max(n_systems, n_songs),
    }
    figure.update_layout(meta={"title": plain(_TITLES[kind])})
    width = min(900, widths.get(kind, 320))
    return ReportFigure(name, attribute, kind, _TITLES[kind], _CAPTIONS[kind], figure, width)


def slugs(names: Sequence[str]) -> dict[str, str]:
    """File-name stems for names: lower-case letters, digits, hyphens, each only once."""
    made: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or f"attribute-{number}"
        made[name] = stem if stem not in made.values() else f"{stem}-{number}"
    return made
