"""Pages: numbers of opened and completed pages, times on the pages, and counts for each song."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from mixtrial.dashboard.frame import ACCENT, QUIET, card, count_axis, draw_chart, draw_empty
from mixtrial.dashboard.names import words_of
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.language.spoken import told

SHORTEST_AXIS_MIN = 1.0
"""Simulated pages take no time; an axis of microminutes would say otherwise."""


SONGS_LEAD = (
    "Number of completed ratings of each song; songs are distributed so that these "
    "numbers stay equal."
)


def draw(snapshot: Snapshot) -> None:
    """Draw the progress of the participants by page."""
    pages = snapshot.pages
    if pages["opened_at"].notna().sum() == 0:
        with card("pages-empty", "Pages"):
            draw_empty("Nobody has opened a page yet.")
        return
    with card(
        "pages", "Completion by page", "Pages in the order in which each participant sees them."
    ):
        draw_chart(completion_chart(pages), "pages")
    with card(
        "page-times", "Time on a page", "Median and quartiles, from opening to the last save."
    ):
        draw_chart(times_chart(pages), "page-times", height=260)
    words = words_of(snapshot.installation.study)
    with card("songs", words.of("Songs"), words.of(SONGS_LEAD)):
        titles = {song.name: song.shown_title for song in snapshot.installation.study.songs}
        draw_table(song_table(pages, titles).rename(columns=words.of), left=1)


def _labels(pages: pd.DataFrame) -> pd.Series:
    """Name of a page in charts: 1, 2, ... for rated pages, "Training", or the name of its part."""
    ordered = pages.sort_values("page_index")
    is_rating = ordered["phase"] == "rating"
    counted = ordered.groupby(["participant", is_rating]).cumcount() + 1
    has_several = counted[~is_rating].max() > 1
    word = told("Training")
    training = word + " " + counted.astype(str) if has_several else word
    return counted.astype(str).where(is_rating, training).reindex(pages.index)


def completion_chart(pages: pd.DataFrame) -> go.Figure:
    """For each page, draw how many participants completed it, and how many only opened it."""
    label = _labels(pages)
    opened = pages["opened_at"].groupby(label, sort=False).count()
    closed = pages["closed_at"].groupby(label, sort=False).count()
    figure = go.Figure()
    for name, counts, colour in (
        ("Completed", closed, ACCENT),
        ("Opened", opened - closed, QUIET),
    ):
        figure.add_bar(
            x=list(counts.index),
            y=counts.to_list(),
            name=told(name),
            marker_color=colour,
            hovertemplate=f"{told('Page %{x}: %{y}')}<extra>{told(name)}</extra>",
        )
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=told("Participants"), **count_axis(int(opened.max())))
    return figure


def times_chart(pages: pd.DataFrame) -> go.Figure:
    """Draw the median and the quartiles of the time on each page, in minutes."""
    minutes = (pages["closed_at"] - pages["opened_at"]).dt.total_seconds() / 60
    grouped = minutes.groupby(_labels(pages), sort=False)
    median, low, high = grouped.median(), grouped.quantile(0.25), grouped.quantile(0.75)
    figure = go.Figure(
        go.Scatter(
            x=list(median.index),
            y=median.to_list(),
            mode="markers",
            cliponaxis=False,  # with clipping, the dot of a page of 0 s would be cut off
            marker={"size": 10, "color": ACCENT},
            error_y={
                "type": "data",
                "array": (high - median).to_list(),
                "arrayminus": (median - low).to_list(),
                "color": QUIET,
                "thickness": 2,
            },
            hovertemplate=f"{told('Page %{x}: %{y:.1f} min')}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    top = max(SHORTEST_AXIS_MIN, 1.1 * high.fillna(0.0).max())
    figure.update_yaxes(range=[0.0, top], title=told("Minutes"))
    return figure


def song_table(pages: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """Return, for each song, the numbers of planned, opened and completed pages."""
    rating = pages[pages["phase"] == "rating"]
    table = rating.groupby("song").agg(
        Planned=("participant", "size"),
        Opened=("opened_at", "count"),
        Completed=("closed_at", "count"),
    )
    table = table.reset_index().rename(columns={"song": "Song"})
    return table.assign(Song=[titles.get(song, song) for song in table["Song"]])
