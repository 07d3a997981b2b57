"""Results so far: means with intervals; the systems' names are hidden while the study is blind."""

from __future__ import annotations

import hmac
import html
from dataclasses import asdict

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from analysis.figures.rating_axis import arrowheads, error_bars
from analysis.figures.style import COLOURS, SYMBOLS
from analysis.ratings.descriptives import describe_everybody
from analysis.scale import Scale
from mixtrial.dashboard.frame import card, draw_chart, draw_decision_for_good, draw_empty
from mixtrial.dashboard.names import words_of
from mixtrial.dashboard.snapshot import Snapshot, with_chosen_part
from mixtrial.dashboard.tables import draw_table
from mixtrial.dashboard.views.answers import choices
from mixtrial.dashboard.views.answers.declared_looks import (
    draw_decision,
    draw_instead_of_means,
    hides_means,
)
from mixtrial.dashboard.views.answers.uncovering import DECISIONS_ARE_MADE, uncover
from mixtrial.exports.trials import has_choices
from mixtrial.language.spoken import number, told
from mixtrial.reporting.study_reader import group_labels
from stimuli.study.study import Study
from stimuli.study_keys.rated_scale import Attribute, RatingScale

ALL = "All groups"
IN_THE_LOG = "This is part of the study's log."
UNCOVERED = "The systems' names were uncovered on"
BLIND = (
    "Systems appear as letters, so that the figures cannot influence decisions about "
    "exclusions or when to stop. Uncovering the names cannot be undone and is "
    "written into the study's log."
)


def draw(snapshot: Snapshot) -> None:
    """Draw means and other statistics; also draw the declared looks if the plan has them."""
    if hides_means(snapshot):
        draw_instead_of_means(snapshot)
        return
    draw_decision(snapshot)
    study = snapshot.installation.study
    shown = shown_names(study, snapshot.installation.blinding_key, snapshot.unblinding is not None)
    snapshot = with_chosen_part(snapshot)
    ratings = snapshot.ratings()
    if has_choices(study):
        choices.draw(snapshot, shown)
    if ratings.empty:
        if snapshot.shown_part is not None:
            with card("ratings-empty", "Ratings"):
                draw_empty("There are no ratings yet.")
        return
    snapshot.installation.note_look("means", ratings, is_blind=snapshot.unblinding is None)
    lead = (
        "Means over participants (songs averaged first) with 95 % confidence intervals; "
        "an arrowhead means that an interval extends beyond the end of the scale."
    )
    with card("means", "Ratings so far", words_of(study).of(lead)):
        group = _chosen_group(study, ratings)
        described = snapshot.worked_out(
            ("means", group),
            lambda: describe_all(ratings if group == ALL else ratings[ratings["group"] == group]),
        ).copy()
        described["system"] = described["system"].map(shown)
        labels = {attribute.name: attribute.shown_label for attribute in snapshot.attributes}
        ends_of: dict[str, Scale] = {}
        for number, (scale, names) in enumerate(snapshot.attributes_by_scale()):
            ends_of |= dict.fromkeys(names, Scale(scale.minimum, scale.maximum))
            rows, shown_here = described["attribute"].isin(names), {n: labels[n] for n in names}
            chart = means_chart(described[rows], shown_here, scale)
            draw_chart(chart, f"means-{number}" if number else "means", 150 + 72 * len(names))
    with card(
        "means-table", "In figures", told(f"In points of the scale, {scales_in_words(snapshot)}.")
    ):
        attribute = st.selectbox(told("Attribute"), snapshot.attributes, format_func=_label)
        if attribute is not None:
            draw_table(
                means_table(
                    described[described["attribute"] == attribute.name], ends_of[attribute.name]
                )
            )
    is_blind = snapshot.unblinding is None
    with card("blind", "These figures are blind" if is_blind else "The names are uncovered"):
        _draw_blind(snapshot)


def scales_in_words(snapshot: Snapshot) -> str:
    """Scales of the shown questions."""
    return "; ".join(dict.fromkeys(str(scale) for scale, _ in snapshot.attributes_by_scale()))


def _label(attribute: Attribute) -> str:
    return attribute.shown_label


def shown_names(study: Study, key: bytes, is_unblinded: bool) -> dict[str, str]:
    """Shown names of the systems: their labels, or letters in a random order."""
    if is_unblinded:
        return {system: study.system_labels.get(system, system) for system in study.rated_names}
    order = sorted(
        study.rated_names,
        key=lambda system: hmac.digest(key, f"{study.identifier}/{system}".encode(), "sha256"),
    )
    return {system: f"System {_letter(place)}" for place, system in enumerate(order)}


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _draw_blind(snapshot: Snapshot) -> None:
    action = snapshot.unblinding
    if action is not None:
        st.html(
            f'<p class="dx-note">{told(f"{UNCOVERED} {action.at:%d %B %Y at %H:%M} UTC.")} '
            f"{told(IN_THE_LOG)}</p>"
        )
        return
    st.html(f'<p class="dx-note">{html.escape(told(BLIND))}</p>')
    confirmed = draw_decision_for_good(
        "Uncover the names …", DECISIONS_ARE_MADE, "Uncover the names for good"
    )
    if confirmed:
        uncover(snapshot)
        st.rerun()


def _chosen_group(study: Study, ratings: pd.DataFrame) -> str:
    present = set(ratings["group"].unique())
    names = [ALL, *(group.name for group in study.groups if group.name in present)]
    chosen = st.segmented_control(
        told("Listener group"),
        names,
        default=ALL,
        format_func=lambda name: group_labels(study).get(name) or told(name),
    )
    return chosen or ALL


def describe_all(ratings: pd.DataFrame) -> pd.DataFrame:
    """Descriptive statistics of each attribute and system over all participants.

    ``mean`` is the mean of the participants' own means; it is in the middle of the interval.
    """
    rows = [
        {"attribute": attribute, **asdict(row)}
        for attribute, part in ratings.groupby("attribute")
        for row in describe_everybody(part)
    ]
    table = pd.DataFrame(rows)
    centre = (table["ci_low"] + table["ci_high"]) / 2
    return table.assign(mean=centre.fillna(table["mean"]))


def means_chart(described: pd.DataFrame, labels: dict[str, str], scale: RatingScale) -> go.Figure:
    """Draw the means with their intervals, one row per attribute, one colour per system.

    The words of the scale stand at the same values at which participants see them. If an interval
    extends beyond the scale, it is drawn to the end of the scale and ends in an arrowhead.
    """
    figure, ends = go.Figure(), Scale(scale.minimum, scale.maximum)
    systems = sorted(described["system"].unique())
    rows = {attribute: place for place, attribute in enumerate(labels)}
    for place, system in enumerate(systems):
        part = described[described["system"] == system]
        shift = 0.62 * ((place + 0.5) / len(systems) - 0.5)
        places = [rows[attribute] + shift for attribute in part["attribute"]]
        interval = part["ci_low"].to_numpy(dtype=float), part["ci_high"].to_numpy(dtype=float)
        colour = COLOURS[place % len(COLOURS)]
        figure.add_scatter(
            x=part["mean"],
            y=places,
            error_x=error_bars(part["mean"].to_numpy(), *interval, ends, thickness=2, width=4),
            mode="markers",
            name=system,
            marker={
                "color": colour,
                "symbol": SYMBOLS[place % len(SYMBOLS)],
                "size": 10,
            },
            customdata=part[["ci_low", "ci_high"]],
            hovertemplate=told("%{x:.1f} (%{customdata[0]:.1f} to %{customdata[1]:.1f})")
            + f"<extra>{system}</extra>",
        )
        figure.add_traces(arrowheads(places, *interval, ends, colour, is_along_x=True))
    figure.update_yaxes(
        tickvals=list(rows.values()),
        ticktext=list(labels.values()),
        range=[len(rows) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_xaxes(
        range=[scale.minimum - 0.02 * scale.span, scale.maximum + 0.08 * scale.span],
        ticklabeloverflow="allow",  # otherwise a phone cuts off the scale's last word
        tickvals=[label.value for label in scale.labels],
        ticktext=[f"{label.value:g}<br>{label.word}" for label in scale.labels],
        zeroline=False,
    )
    return figure


def means_table(described: pd.DataFrame, ends: Scale) -> pd.DataFrame:
    """Return the statistics of one attribute as texts for a table.

    If an interval extends beyond the scale, it is drawn to the end of the scale and ends in an
    arrowhead.
    """
    table = described.sort_values("system")
    intervals = zip(table["ci_low"], table["ci_high"], strict=True)
    interval = [_interval(low, high, ends) if pd.notna(low) else "–" for low, high in intervals]
    return pd.DataFrame(
        {
            "System": table["system"],
            "Mean": table["mean"],
            "95 % interval": interval,
            "Median": table["median"],
            "Q1": table["q1"],
            "Q3": table["q3"],
            "SD": table["sd"],
            "Participants": table["n_participants"],
            "Ratings": table["n_ratings"],
        }
    )


def _interval(low: float, high: float, ends: Scale) -> str:
    start = f"◂ {ends.minimum:.1f}" if low < ends.minimum else f"{low:.1f}"
    stop = f"{ends.maximum:.1f} ▸" if high > ends.maximum else f"{high:.1f}"
    return f"{number(start)} {told('to')} {number(stop)}"
