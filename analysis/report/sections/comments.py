"""Comments of participants on the mixes: how many (for results.json), and their words.

The results contain only how many comments there are. The words of the comments are printed on the
page (with special characters escaped), and in a separate table. The comments can therefore be left
out of an archive, and all numbers stay the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.findings.sections import Count
from analysis.report.sections.sample import LEFT_OUT

ON_PAGE = ""
"""System of a comment that is on a page as a whole."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One comment: words, listener group, and letter of the mix on the page ("" if none)."""

    text: str
    group: str
    letter: str


@dataclass(frozen=True, slots=True)
class SongComments:
    """Number of comments on a song."""

    song: str
    n: Count


@dataclass(frozen=True, slots=True)
class SystemComments:
    """Number of comments on a system; how many songs and how many participants they come from."""

    system: str
    n: Count
    n_participants: Count
    songs: Sequence[SongComments]


@dataclass(frozen=True, slots=True)
class CommentCounts:
    """Number of comments; ``n_participants`` is 0 if comments do not name participants."""

    n_comments: Count
    n_participants: Count
    n_on_pages: Count
    n_left_out: Count
    systems: Sequence[SystemComments]


def said(comments: pd.DataFrame | None) -> pd.DataFrame:
    """Comments that contain words: participant, group, song, system, stimulus_order, comment."""
    columns = ["participant", "group", "song", "system", "stimulus_order", "comment"]
    if comments is None or comments.empty or "comment" not in comments:
        return pd.DataFrame(columns=columns)
    table = comments.copy()
    for name in columns:
        if name not in table:
            table[name] = ""
        if name != "stimulus_order":
            table[name] = table[name].fillna("").astype(str).str.strip()
    return table.loc[table["comment"] != "", columns].reset_index(drop=True)


def comments_of(comments: pd.DataFrame | None, systems: Sequence[str]) -> CommentCounts | None:
    """Number of comments on each subject; None if there are no comments."""
    table = said(comments)
    if table.empty:
        return None
    rows = []
    for system in _in_order(table["system"], systems):
        part = table[table["system"] == system]
        by_song = part.groupby("song", sort=True).size()
        songs = [SongComments(str(song), int(n)) for song, n in by_song.items()]
        rows.append(SystemComments(system, len(part), _n_people(part), songs))
    return CommentCounts(
        n_comments=len(table),
        n_participants=_n_people(table),
        n_on_pages=int((table["system"] == ON_PAGE).sum()),
        n_left_out=int((table["comment"] == LEFT_OUT).sum()),
        systems=rows,
    )


def grouped_comments(
    comments: pd.DataFrame | None, systems: Sequence[str]
) -> list[tuple[str, list[tuple[str, list[Quote]]]]]:
    """Return comments as (system, [(song, quotes)]); last, with system "", those on whole pages."""
    table = said(comments)
    table = table[table["comment"] != LEFT_OUT]
    return [
        (
            system,
            [
                (str(song), [_quote(row) for _, row in part.iterrows()])
                for song, part in table[table["system"] == system].groupby("song", sort=True)
            ],
        )
        for system in [*_in_order(table["system"], systems), *_pages(table)]
    ]


def _quote(row: pd.Series[Any]) -> Quote:
    order = pd.to_numeric(row["stimulus_order"], errors="coerce")
    known = not pd.isna(order) and 1 <= order <= 26
    return Quote(str(row["comment"]), str(row["group"]), chr(64 + int(order)) if known else "")


def _in_order(found: pd.Series[str], systems: Sequence[str]) -> list[str]:
    there = set(found) - {ON_PAGE}
    return [*(s for s in systems if s in there), *sorted(there.difference(systems))]


def _pages(table: pd.DataFrame) -> list[str]:
    return [ON_PAGE] if (table["system"] == ON_PAGE).any() else []


def _n_people(table: pd.DataFrame) -> int:
    return int(table.loc[table["participant"] != "", "participant"].nunique())
