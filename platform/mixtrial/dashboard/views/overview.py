"""Overview of a study: key figures, recruitment over time, steps and groups of participants."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from db.records.steps import UNDER_WAY, Step
from mixtrial.dashboard.frame import (
    ACCENT,
    QUIET,
    card,
    count_axis,
    draw_chart,
    draw_empty,
    draw_figures,
)
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.language.spoken import told
from mixtrial.reporting.study_reader import group_labels

TIME_TICKS = [
    {"dtickrange": [None, 1e3], "value": "%H:%M:%S.%L\n%Y-%m-%d"},
    {"dtickrange": [1e3, 6e4], "value": "%H:%M:%S\n%Y-%m-%d"},
    {"dtickrange": [6e4, 864e5], "value": "%H:%M\n%Y-%m-%d"},
    {"dtickrange": [864e5, "M1"], "value": "%Y-%m-%d"},
    {"dtickrange": ["M1", None], "value": "%Y-%m"},
]
"""Times on an axis, which read alike in every language, finer to coarser."""


def draw(snapshot: Snapshot) -> None:
    """Draw the overview."""
    people = snapshot.participants
    draw_figures(_figures(people))
    if people.empty:
        with card("overview-empty", "Nobody has begun yet"):
            draw_empty("Send the link above to your participants; they appear here as they start.")
        return
    left, right = st.columns(2)
    with left, card("recruitment", "Recruitment", "Participants so far, by time (UTC)."):
        draw_chart(recruitment_chart(people), "recruitment")
    with (
        right,
        card(
            "funnel", "Where people are", "Number of participants who reached at least this step."
        ),
    ):
        draw_chart(funnel_chart(funnel(people)), "funnel")
    with card("groups", "Listener groups"):
        _draw_groups(snapshot)


def _figures(people: pd.DataFrame) -> list[tuple[str, str, str]]:
    finished = people["finished_at"].notna()
    n, n_finished = len(people), int(finished.sum())
    active = people["step"].isin(UNDER_WAY)
    minutes = (people["finished_at"] - people["created_at"]).dt.total_seconds().div(60)[finished]
    median = minutes.median()
    n_pages = int(people["pages_closed"].sum())
    return [
        (str(n), "Enrolled", _last_seen(people)),
        (str(n_finished), "Finished", f"{n_finished / n:.0%} of those enrolled" if n else "–"),
        (
            str(int(active.sum())),
            "Under way",
            f"{int((people['step'] == Step.REFUSED).sum())} refused",
        ),
        (str(n_pages), "Pages completed", "training included"),
        (_duration(median), "Median time", "from welcome to thanks"),
    ]


def _duration(minutes: float) -> str:
    if pd.isna(minutes):
        return "–"
    return f"{minutes:.0f} min" if minutes >= 1 else "< 1 min"


def _last_seen(people: pd.DataFrame) -> str:
    if people.empty:
        return "nobody yet"
    return f"last on {people['created_at'].max():%d %b, %H:%M} UTC"


def recruitment_chart(people: pd.DataFrame) -> go.Figure:
    """Draw the numbers of enrolled and finished participants over time."""
    figure = go.Figure()
    for name, column, colour in (
        ("Enrolled", "created_at", QUIET),
        ("Finished", "finished_at", ACCENT),
    ):
        times = people[column].dropna().sort_values()
        figure.add_scatter(
            x=times,
            y=list(range(1, len(times) + 1)),
            name=told(name),
            mode="lines+markers" if len(times) < 40 else "lines",
            line={"shape": "hv", "color": colour, "width": 3},
            marker={"size": 5},
            hovertemplate=f"{told('%{y} by %{x|%d %b %H:%M:%S}')}<extra>{told(name)}</extra>",
        )
    figure.update_yaxes(title=None, **count_axis(len(people)))
    figure.update_xaxes(tickformatstops=TIME_TICKS)
    return figure


def funnel(people: pd.DataFrame) -> list[tuple[str, int]]:
    """How many participants reached each milestone, or a milestone after it."""
    share = people["pages_closed"] / people["pages_planned"].clip(lower=1)
    return [
        ("Enrolled", len(people)),
        ("Agreed", int(people["consented"].sum())),
        ("Answered the questions", int((people["group"] != "").sum())),
        ("Set the volume", int(people["volume"].notna().sum())),
        ("First page done", int((people["pages_closed"] >= 1).sum())),
        ("Half of the pages", int((share >= 0.5).sum())),
        ("Finished", int(people["finished_at"].notna().sum())),
    ]


def funnel_chart(stages: list[tuple[str, int]]) -> go.Figure:
    """Draw the milestones as bars, with the last bar emphasised."""
    names, counts = [told(name) for name, _ in stages], [count for _, count in stages]
    first = max(counts[0], 1)
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=names,
            orientation="h",
            text=[f"{count}  ({count / first:.0%})" for count in counts],
            textposition="auto",
            insidetextanchor="end",
            marker_color=[QUIET] * (len(names) - 1) + [ACCENT],
            hovertemplate="%{y}: %{x}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(visible=False)
    return figure


def _draw_groups(snapshot: Snapshot) -> None:
    people = snapshot.participants[snapshot.participants["group"] != ""]
    if people.empty:
        draw_empty("Nobody has answered the questionnaire yet.")
        return
    finished = people["finished_at"].notna()
    labels = group_labels(snapshot.installation.study)
    figure = go.Figure()
    for name, part, colour in (
        ("Finished", people[finished], ACCENT),
        ("Under way", people[~finished], QUIET),
    ):
        counts = part["group"].value_counts()
        figure.add_bar(
            y=list(labels.values()),
            x=[int(counts.get(group, 0)) for group in labels],
            name=told(name),
            orientation="h",
            marker_color=colour,
            hovertemplate=f"%{{y}}: %{{x}}<extra>{told(name)}</extra>",
        )
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    figure.update_yaxes(autorange="reversed")
    most = int(people["group"].value_counts().max())
    figure.update_xaxes(**count_axis(most))
    draw_chart(figure, "groups", height=90 + 42 * len(labels))
