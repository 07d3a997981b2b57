"""Choices so far: how often systems won and how often answers were right; no systems' names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd

from db.reading.trials import THIRD
from mixtrial.dashboard.frame import card
from mixtrial.dashboard.names import part_titles
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from stimuli.page_types.base import Part, PartOptions
from stimuli.page_types.repeated_pairs import RepeatedPairOptions
from stimuli.study.study import Study


def draw(snapshot: Snapshot, shown: Mapping[str, str]) -> None:
    """Draw one table per page type with choices; page types with right answers are last."""
    trials = snapshot.trials()
    snapshot.installation.note_look("choices", trials, is_blind=snapshot.unblinding is None)
    study = snapshot.installation.study
    for options, parts in _by_type(study.page_parts):
        rows = trials[trials["part"].isin(parts)]
        if not rows.empty:
            with card(f"choices-{options.type}", options.trials_title, options.trials_lead):
                table = with_titles(study, _table_of(options)(rows, shown))
                if len(parts) == 1:
                    table = table.drop(columns="Part")
                draw_table(table, left=2 if len(parts) == 1 else 3)


def with_titles(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """A table of choices with titles of parts and songs."""
    words = {"Part": part_titles(study), "Song": study.song_titles}
    return table.replace({key: told for key, told in words.items() if key in table})


def _table_of(options: PartOptions) -> Callable[[pd.DataFrame, Mapping[str, str]], pd.DataFrame]:
    """Rule by which the choices of a page type are counted."""
    if options.is_adaptive:
        return tracks
    if isinstance(options, RepeatedPairOptions):
        return partial(found, title=options.right_title)
    return wins


def _by_type(parts: Sequence[Part]) -> list[tuple[PartOptions, list[str]]]:
    """Options and names of the parts with choices, by page type."""
    compared = [part for part in parts if not part.has_ratings]
    types = {part.type: part.options for part in compared}
    return [
        (options, [part.name for part in compared if part.type == name])
        for name, options in sorted(types.items(), key=_has_right_answers)
    ]


def _has_right_answers(named: tuple[str, PartOptions]) -> bool:
    return isinstance(named[1], RepeatedPairOptions)


def wins(trials: pd.DataFrame, shown: Mapping[str, str]) -> pd.DataFrame:
    """Count the answers about each pair, with the systems' shown names."""
    rows = []
    for (part, one, other), pair in _by_pair(trials, shown):
        chosen = [
            "tie" if answer == "tie" else shown[a if answer == "a" else b]
            for answer, a, b in zip(pair["answer"], pair["system_a"], pair["system_b"], strict=True)
        ]
        counts = (chosen.count(one), chosen.count("tie"), chosen.count(other))
        rows.append((part, one, other, *counts))
    columns = ["Part", "First", "Second", "First preferred", "Neither", "Second preferred"]
    return pd.DataFrame(rows, columns=columns)


def found(trials: pd.DataFrame, shown: Mapping[str, str], title: str = "Right") -> pd.DataFrame:
    """Count the right answers about each pair, under a title, with the systems' shown names."""
    rows = [
        (part, one, other, len(pair), int(pair["correct"].sum()))
        for (part, one, other), pair in _by_pair(trials, shown)
    ]
    columns = ["Part", "First", "Second", "Trials", title]
    return pd.DataFrame(rows, columns=columns)


def tracks(trials: pd.DataFrame, _shown: Mapping[str, str]) -> pd.DataFrame:
    """Count adaptive tracks, finished tracks and trials for each song; levels are not shown."""
    rows = []
    for (part, song), each in trials[trials["trial"].notna()].groupby(["part", "song"]):
        n_tracks = each.groupby(["participant", "track"]).ngroups
        n_over = int((each["ended"].fillna("") != "").sum())
        counts = (n_tracks, n_over, len(each), int(each["correct"].sum()))
        rows.append((part, song, *counts, int(each["reversal"].sum())))
    columns = ["Part", "Song", "Tracks", "Over", "Trials", "Right", "Reversals"]
    return pd.DataFrame(rows, columns=columns)


def _by_pair(
    trials: pd.DataFrame, shown: Mapping[str, str]
) -> list[tuple[tuple[str, str, str], pd.DataFrame]]:
    """Trials of each part and pair; the two names of a pair are sorted alphabetically.

    If a trial played the same mix twice, both names are equal.
    """
    heard = [name for name in ("system_a", "system_b", THIRD) if name in trials]
    pairs = [
        sorted({shown[name] for name in systems if name in shown})
        for systems in trials[heard].itertuples(index=False)
    ]
    table = trials.assign(first=[p[0] for p in pairs], second=[p[-1] for p in pairs])
    return [
        ((str(part), str(one), str(other)), rows)
        for (part, one, other), rows in table.groupby(["part", "first", "second"])
    ]
