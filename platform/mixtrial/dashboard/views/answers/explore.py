"""The explorer: the report's figures for a selection of ratings, and the sound of each dot."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, cast

import pandas as pd
import streamlit as st

from analysis.counts import counted
from analysis.figures.catalogue import ReportFigure
from analysis.figures.findings import NothingToDrawError
from analysis.figures.style import Look
from analysis.findings.primary import AttributeFindings
from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.dashboard.names import figure_of, words_of
from mixtrial.dashboard.snapshot import Snapshot, with_chosen_part
from mixtrial.dashboard.views.answers.declared_looks import (
    draw_instead_of_means,
    hides_means,
    settled_options,
)
from mixtrial.dashboard.views.answers.explored_figure import (
    FROM_MODEL,
    KINDS,
    NOT_FITTED,
    POINTS,
    FigureSelection,
    chosen_ratings,
    explored_figure,
    heard_at,
    look_for,
    model_of,
    told_apart,
)
from mixtrial.dashboard.views.answers.ratings import shown_names
from mixtrial.dashboard.views.screening import flagged_participants, prepared_so_far
from mixtrial.language.spoken import told
from mixtrial.reporting.study_reader import group_labels
from mixtrial.server.installation import Installation
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import heard_tag
from stimuli.study.study import Study

SAME_LOUDNESS = "All mixes of a song have the same loudness, as participants heard them."
OWN_LOUDNESS = "Mixes keep the loudness of their files, as participants heard them."


def draw(snapshot: Snapshot) -> None:
    """Draw the selection, the figure and the player; if the plan hides the means, only a note."""
    if hides_means(snapshot):
        draw_instead_of_means(snapshot)
        return
    snapshot = with_chosen_part(snapshot)
    ratings = snapshot.ratings()
    if ratings.empty:
        with card("explore-empty", "Explore"):
            draw_empty("There are no ratings yet.")
        return
    installation = snapshot.installation
    study = installation.study
    installation.note_look("figures", ratings, is_blind=snapshot.unblinding is None)
    shown = shown_names(study, installation.blinding_key, snapshot.unblinding is not None)
    lead = (
        "The figures of the report for selected ratings. They are for exploring, not for testing."
    )
    with card("explore-choice", "What to look at", lead):
        kind, choice = _draw_choice(snapshot, ratings)
    titles = told_apart(study.song_titles)
    rows = snapshot.worked_out(
        ("chosen", choice, tuple(shown.values())),
        lambda: chosen_ratings(prepared_so_far(snapshot), choice, shown, titles),
    )
    words = words_of(study)
    with card("explore-figure", words.of(KINDS[kind])):
        _draw_count(rows, ratings.loc[ratings["attribute"] == choice.attribute, "participant"])
        scale = next(
            (own for own, names in snapshot.attributes_by_scale() if choice.attribute in names),
            snapshot.scale,
        )
        apart = settled_options(snapshot, ratings).apart(study.analysis, ratings["system"].unique())
        look = look_for(rows, study, shown, scale, apart) if len(rows) else None
        key = ("figure", kind, choice, tuple(shown.values()))
        point = _draw_figure(snapshot, key, rows, look, shown, titles)
    with card("explore-listen", "Listen", words.of(_listen_lead(kind))):
        _draw_listening(installation, ratings, choice, shown, point)


def _draw_choice(snapshot: Snapshot, ratings: pd.DataFrame) -> tuple[str, FigureSelection]:
    """Draw the filters of the ratings in two columns; return the filters' values."""
    study, attributes = snapshot.installation.study, snapshot.attributes
    left, right = st.columns(2)
    words = words_of(study)
    labels = {attribute.name: attribute.shown_label for attribute in attributes}
    with left:
        kind = st.selectbox(
            told("Figure"), list(KINDS), format_func=lambda name: words.of(KINDS[name])
        )
        answers = (study.analysis and study.analysis.primary) or "overall"
        at = list(labels).index(answers) if answers in labels else 0
        attribute = st.selectbox(told("Attribute"), list(labels), at, labels.__getitem__)
        groups = _several(
            told("Listener groups"), ratings["group"], told("all groups"), group_labels(study)
        )
    with right:
        titles = {song.name: song.shown_title for song in study.songs}
        songs = _several(words.of("Songs"), ratings["song"], words.of("all songs"), titles)
        left_out = _several(told("Participants left out"), ratings["participant"], told("nobody"))
        flagged = flagged_participants(snapshot)
        if flagged and st.toggle(told(f"Leave out the {len(flagged)} with a screening flag")):
            left_out = tuple(sorted({*left_out, *flagged}))
    return kind or POINTS, FigureSelection(attribute or attributes[0].name, groups, songs, left_out)


def _several(
    label: str, names: pd.Series[str], nothing: str, titles: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    options = sorted({str(name) for name in names.unique() if name})
    chosen = st.multiselect(
        label, options, placeholder=nothing, format_func=lambda name: (titles or {}).get(name, name)
    )
    return tuple(chosen)


def _draw_count(rows: pd.DataFrame, everybody: pd.Series[str]) -> None:
    people = rows["participant"].nunique() if len(rows) else 0
    ratings = f"{len(rows)} of {counted(len(everybody), 'rating')}"
    of_whom = f"{people} of {counted(everybody.nunique(), 'participant')}"
    st.html(f'<p class="dx-note" role="status">{told(f"{ratings}, from {of_whom}.")}</p>')


def _draw_figure(
    snapshot: Snapshot,
    key: tuple[str, str, FigureSelection, tuple[str, ...]],
    rows: pd.DataFrame,
    look: Look | None,
    shown: Mapping[str, str],
    titles: Mapping[str, str],
) -> tuple[str, str, str] | None:
    """Draw the figure, or the reason why there is no figure.

    Return the participant, song and system of a pressed dot.
    """
    if look is None:
        draw_empty("This selection has no ratings.")
        return None
    kind, study = key[1], snapshot.installation.study

    def make() -> ReportFigure:
        section = _section(rows, study, look.apart) if kind in FROM_MODEL else NOT_FITTED
        return explored_figure(kind, rows, section, look)

    try:
        drawn = snapshot.worked_out(key, make)
    except (NothingToDrawError, ValueError) as error:
        draw_empty(f"These ratings are not sufficient for this figure: {str(error).rstrip('.')}.")
        return None
    made = figure_of(drawn, study, (*shown.values(), *look.groups, *look.songs))
    points = _draw_plot(made, kind)
    st.html(f'<p class="dx-note">{html.escape(made.caption)}</p>')
    return heard_at(points[0], rows, shown, titles) if points else None


def _draw_plot(made: ReportFigure, kind: str) -> list[object]:
    """Draw a figure on a white background; return the ``customdata`` of the pressed dots."""
    with st.container(key="dx-paper"):
        st.html(
            "<style>.st-key-dx-paper [data-testid=stElementContainer] "
            f"{{ min-width: {made.min_width_px}px; }}</style>"
        )
        event = st.plotly_chart(
            made.figure,
            width="stretch",
            theme=None,  # the figure keeps the report's colours on a white background
            key=f"explore-{kind}",
            on_select="rerun" if kind == POINTS else "ignore",
            selection_mode="points",
            config={"displayModeBar": False},
        )
    if kind != POINTS:
        return []
    pressed = cast(Mapping[str, Any], event)["selection"]["points"]
    return [point.get("customdata") for point in pressed]


@st.cache_data(
    max_entries=16, show_spinner="Fitting the model …", hash_funcs={Study: lambda s: s.fingerprint}
)
def _section(rows: pd.DataFrame, study: Study, apart: tuple[str, ...]) -> AttributeFindings:
    return model_of(rows, study, str(rows["attribute"].iloc[0]), apart)


def _listen_lead(kind: str) -> str:
    if kind == POINTS:
        return "Press a dot to hear what was rated there, or choose a mix."
    return "Choose a mix. In the figure “Every rating” a dot can be pressed to hear it."


def _draw_listening(
    installation: Installation,
    ratings: pd.DataFrame,
    choice: FigureSelection,
    shown: Mapping[str, str],
    point: tuple[str, str, str] | None,
) -> None:
    if installation.manifest is None:
        draw_empty("The study is not built here: there is nothing to hear.")
        return
    if point is not None:
        participant, song, system = point
    else:
        participant, (song, system) = "", _chosen_mix(installation.study, ratings, shown)
    if installation.stimulus_sha256(song, system) is None:
        draw_empty(words_of(installation.study).of("This mix is not in the build any more."))
        return
    title = installation.study.song(song).shown_title
    text = f"<b>{html.escape(title)}</b>, {html.escape(shown[system])}"
    if participant:
        said = _said(installation.study, ratings, choice, point)
        text = f"{html.escape(participant)} {told('on')} {text}: {said}"
    if participant:
        st.html(f'<p class="dx-note dx-flag" role="status">{text}</p>')
    st.html(
        _player(
            installation, title, shown[system], heard_tag(installation.blinding_key, song, system)
        )
    )


def _player(installation: Installation, title: str, system: str, tag: str) -> str:
    """HTML of a player, with the stimulus's name and its loudness compared with other stimuli."""
    words, label = words_of(installation.study), html.escape(f"{title}, {system}")
    loudness = words.of(SAME_LOUDNESS if installation.study.loudness == "match" else OWN_LOUDNESS)
    address = public_address().outer(f"/api/admin/heard/{tag}")
    return (
        f'<figure class="dx-heard"><figcaption>{label}</figcaption>'
        f'<audio controls preload="none" aria-label="{label}" src="{address}"></audio>'
        f"<p>{html.escape(loudness)}</p></figure>"
    )


def _chosen_mix(study: Study, ratings: pd.DataFrame, shown: Mapping[str, str]) -> tuple[str, str]:
    """Song and system from two lists, to choose a stimulus by keyboard."""
    titles = {song.name: song.shown_title for song in study.songs}
    rated = sorted(map(str, ratings["song"].unique()))
    words, (left, right) = words_of(study), st.columns(2)
    song = left.selectbox(words.of("Song"), rated, format_func=lambda name: titles.get(name, name))
    there = set(ratings["system"].unique())
    by_shown = sorted(
        (name for name in study.rated_names if name in there), key=lambda system: shown[system]
    )
    system = right.selectbox(words.of("Mix"), by_shown, format_func=lambda name: shown[name])
    return song or rated[0], system or by_shown[0]


def _said(
    study: Study, ratings: pd.DataFrame, choice: FigureSelection, point: tuple[str, str, str] | None
) -> str:
    """A participant's ratings of a stimulus on all attributes; the chosen attribute is first."""
    participant, song, system = point or ("", "", "")
    rows = ratings[
        (ratings["participant"] == participant)
        & (ratings["song"] == song)
        & (ratings["system"] == system)
    ]
    rows = rows.assign(other=rows["attribute"] != choice.attribute).sort_values(
        "other", kind="stable"
    )
    labels = {attribute.name: attribute.shown_label for attribute in study.attributes}
    said = [
        f"{html.escape(labels.get(name, name))} {rating:.3g}"
        for name, rating in zip(rows["attribute"], rows["rating"], strict=True)
    ]
    return ", ".join(said)
