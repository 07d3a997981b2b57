"""Content of the explorer, computed without drawing: the selected ratings and a figure of them.

The explorer draws the same figures as the report, but from the selected ratings only. While the
study is blind, letters replace the systems' names before anything else is done; for this reason, no
figure can show a name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from analysis.figures.catalogue import ReportFigure, attribute_figure, points_figure
from analysis.figures.style import Look, look_of
from analysis.findings.primary import AttributeFindings
from analysis.findings.sections import NotEstimable
from analysis.ratings.margin import margins_of, primary_of
from analysis.ratings.roles import compared
from analysis.results import analyse
from analysis.scale import Scale, scale_of
from mixtrial.reporting.design_text import wording_of
from mixtrial.reporting.options import ReportOptions
from stimuli.study.study import Study
from stimuli.study_keys.rated_scale import RatingScale

POINTS = "points"
KINDS: dict[str, str] = {
    POINTS: "Every rating",
    "by-system": "Each system",
    "by-group": "Each listener group",
    "by-song": "Song by song",
    "heat-map": "Song × system",
    "slopes": "Each participant",
    "histogram": "Use of the scale",
    "forest": "Differences",
    "interaction": "Group × system",
    "variance": "Where ratings vary",
    "residuals": "Residuals: normal?",
    "fitted": "Residuals: even?",
}
"""Figures on offer, in reading order, each with its name on the page."""

FROM_MODEL = ("forest", "interaction", "variance", "residuals", "fitted")
"""Figures that need the mixed model to be fitted to the ratings chosen."""

NOT_FITTED = NotEstimable("a figure of the ratings needs no model")
"""Placeholder of the section where the figure shows the ratings alone."""

N_BOOTSTRAP = 50
"""Fewer than a report's: no figure here shows a bootstrap interval."""


@dataclass(frozen=True, slots=True)
class FigureSelection:
    """Selection by a viewer of the explorer; an empty selection selects everything."""

    attribute: str
    groups: tuple[str, ...] = ()
    songs: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def chosen_ratings(
    ratings: pd.DataFrame,
    choice: FigureSelection,
    shown: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Selected ratings, with the systems' shown names.

    Parameters
    ----------
    ratings
        Ratings in the form of the analysis (:func:`mixtrial.dashboard.views.screening.prepared`).
    choice
        Selected attribute, groups and songs, and the participants to leave out.
    shown
        Name under which each system is shown: its own name, or a letter while the study is blind.
    titles
        Titles of songs; they replace the songs' names if all titles are different.
    """
    kept = ratings["attribute"] == choice.attribute
    if choice.groups:
        kept &= ratings["group"].isin(choice.groups)
    if choice.songs:
        kept &= ratings["song"].isin(choice.songs)
    if choice.left_out:
        kept &= ~ratings["participant"].isin(choice.left_out)
    return _named(ratings[kept].reset_index(drop=True), shown, titles or {})


def _named(
    table: pd.DataFrame, shown: Mapping[str, str], titles: Mapping[str, str]
) -> pd.DataFrame:
    return table.assign(
        system=[shown.get(system, system) for system in table["system"]],
        song=[titles.get(song, song) for song in table["song"]],
    )


def told_apart(titles: Mapping[str, str]) -> dict[str, str]:
    """Titles of songs; their names if two songs have the same title."""
    return {
        song: title if list(titles.values()).count(title) == 1 else song
        for song, title in titles.items()
    }


def look_for(
    ratings: pd.DataFrame,
    study: Study,
    shown: Mapping[str, str],
    scale: RatingScale | None = None,
    apart: Collection[str] = (),
) -> Look:
    """Order and words of the figures: as in the study, or letters in alphabetical order.

    ``scale`` is the scale of the shown part, if it differs from the scale of the study. ``apart``
    names the reference and the anchors, which are not compared with other systems.
    """
    order = [shown.get(system, system) for system in study.rated_names]
    is_blind = order != [study.system_labels.get(name, name) for name in study.rated_names]
    labels = {attribute.name: attribute.shown_label for attribute in study.attributes}
    scale = scale or study.scale
    look = look_of(
        ratings,
        systems=sorted(order) if is_blind else order,
        groups=[group.name for group in study.groups],
        scale_labels=scale.spaced_words,
        labels=labels,
        marks=(hidden := [shown.get(name, name) for name in apart]),
        are_intervals=scale.are_intervals,
    )
    return replace(look.with_apart(hidden), wording=wording_of(study))


def model_of(
    ratings: pd.DataFrame, study: Study, attribute: str, apart: Collection[str] = ()
) -> AttributeFindings:
    """Findings about one attribute, with the plan's margin and the plan's degrees of freedom.

    Systems in ``apart``, by their shown names, are not compared.
    """
    settled = ReportOptions().settled(study.analysis)
    found = analyse(
        compared(ratings, apart),
        margin=_margin(study, attribute, scale_of(ratings), settled),
        df_method=settled.df_method,
        model=settled.model,
        n_bootstrap=N_BOOTSTRAP,
        primary=settled.primary,
    )
    return found.attributes[attribute]


def _margin(study: Study, attribute: str, scale: Scale, settled: ReportOptions) -> float:
    """Margin in points of the attribute's scale.

    The plan gives the margin in points of the primary attribute's scale.
    """
    part = next(part for part in study.page_parts if part.has_ratings and attribute in part.scales)
    primary = primary_of(tuple(part.scales), settled.primary)
    rated = part.scales[str(primary)]
    scales = {str(primary): Scale(rated.minimum, rated.maximum, rated.step), attribute: scale}
    return margins_of(scales, settled.margin, primary)[attribute]


def explored_figure(
    kind: str, ratings: pd.DataFrame, section: AttributeFindings, look: Look
) -> ReportFigure:
    """One figure of the selected ratings; only kinds in ``FROM_MODEL`` use ``section``.

    Raises
    ------
    NothingToDrawError
        The figure cannot be drawn from the chosen ratings.
    """
    attribute = str(ratings["attribute"].iloc[0])
    if kind == POINTS:
        return points_figure(ratings, attribute, look)
    return attribute_figure(kind, ratings, section, attribute, look)


def heard_at(
    mark: object,
    rows: pd.DataFrame,
    shown: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> tuple[str, str, str] | None:
    """Participant, song and system (real names) of a dot; None if the mark is not a dot.

    ``mark`` is the dot's data: the number (from 1) of its row among the rows in the figure.
    """
    if isinstance(mark, bool) or not isinstance(mark, int) or not 1 <= mark <= len(rows):
        return None
    row = rows.iloc[mark - 1]
    own = {letter: system for system, letter in shown.items()}
    songs = {title: song for song, title in (titles or {}).items()}
    return str(row["participant"]), songs.get(row["song"], row["song"]), own[row["system"]]
