"""Facts about the data of a report: missing ratings, plays, and participants with a flag.

All facts about the data are parts of the key ``report`` of results.json.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.figures.style import is_mark
from analysis.findings.attribute import Attribute
from analysis.findings.findings import Findings
from analysis.findings.screening import ScreenedParticipant
from analysis.findings.sections import Count, Number, absent
from analysis.ratings.overlap import cells_of_songs
from analysis.ratings.participants import ALPHA, FLAT_SHARE, IDENTICAL_SHARE, discriminating
from analysis.scale import SCALE, Scale


@dataclass(frozen=True, slots=True)
class Lacking:
    """A participant who left some cells unrated."""

    participant: str
    n_missing: Count


@dataclass(frozen=True, slots=True)
class Missing:
    """Unrated cells (participant × song × system × attribute), and who has such cells.

    A cell exists for every participant and every stimulus in the table (a song mixed by a system).

    ``n_not_planned`` is the number of unrated cells for which no rating was planned. ``n_lost`` is
    the number of pages (participant × song) that were planned but have no rating at all. The
    numbers ``n_not_planned`` and ``n_lost`` are None if the plan is unknown.
    """

    n_cells: Count
    n_missing: Count
    share: Number
    n_participants_incomplete: Count
    participants: Sequence[Lacking]
    n_not_planned: Count | None
    n_lost: Count | None


@dataclass(frozen=True, slots=True)
class StimulusLevels:
    """Loudness and level of a stimulus, measured in the form in which it was played."""

    song: str
    system: str
    integrated_lufs: Number
    true_peak_dbtp: Number
    lra_lu: Number
    duration_s: Number


@dataclass(frozen=True, slots=True)
class Stimuli:
    """Recordings that were played; the largest difference in loudness between mixes of one song."""

    rows: Sequence[StimulusLevels]
    n_stimuli: Count
    max_loudness_spread_lu: Number
    max_true_peak_dbtp: Number


@dataclass(frozen=True, slots=True)
class LoggedFlag:
    """A flag (mark of doubt) and its rule; NaN if the flag has no value."""

    flag: str
    rule: str
    value: Number
    limit: Number


@dataclass(frozen=True, slots=True)
class FlaggedParticipant:
    """A participant with a screening flag."""

    participant: str
    flags: Sequence[str]
    log: Sequence[LoggedFlag]


@dataclass(frozen=True, slots=True)
class Flagged:
    """Participants with screening flags; nobody is excluded because of a flag.

    A participant is flagged for not distinguishing the systems only if more participants than by
    chance distinguish them. Only in this case, ``n_judged`` is the number of tested participants
    and ``n_discriminating`` is the number of those who distinguish the systems.
    """

    n_flagged: Count
    participants: Sequence[FlaggedParticipant]
    n_judged: Count | None = absent()
    n_discriminating: Count | None = absent()


def missing_of(ratings: pd.DataFrame, planned: pd.DataFrame | None = None) -> Missing:
    """Unrated cells (participant × song × system × attribute), and who has such cells.

    A cell exists for every participant and every stimulus in the table (a song mixed by a system).

    Parameters
    ----------
    ratings
        The rating table.
    planned
        Columns participant and song: planned ratings.
    """
    keys = ["participant", "song", "system", "attribute"]
    filled = ratings.dropna(subset=["rating"]).drop_duplicates(keys)
    per_song = cells_of_songs(ratings)
    n_each = int(per_song.sum())
    counts = filled.groupby("participant").size()
    people = sorted(ratings["participant"].unique())
    lacking = [
        Lacking(str(name), n_each - int(counts.get(name, 0)))
        for name in people
        if counts.get(name, 0) < n_each
    ]
    n_cells = n_each * len(people)
    n_missing = n_cells - len(filled)
    n_not_planned, n_lost = _against_plan(filled, planned, people, per_song)
    return Missing(
        n_cells=n_cells,
        n_missing=n_missing,
        share=n_missing / max(1, n_cells),
        n_participants_incomplete=len(lacking),
        participants=lacking,
        n_not_planned=n_not_planned,
        n_lost=n_lost,
    )


def _against_plan(
    filled: pd.DataFrame, planned: pd.DataFrame | None, people: Sequence[str], per_song: pd.Series
) -> tuple[int | None, int | None]:
    if planned is None or not len(people):
        return None, None
    songs, there = set(filled["song"]), set(people)
    pages = zip(planned["participant"], planned["song"], strict=True)
    due = {(who, song) for who, song in pages if who in there and song in songs}
    done = set(zip(filled["participant"], filled["song"], strict=True))
    asked = due | done
    n_not_planned = sum(
        int(n) for song, n in per_song.items() for who in people if (who, song) not in asked
    )
    return n_not_planned, len(due - done)


_MEASURES = {
    "integrated_lufs": ("integrated_lufs", "loudness_lufs", "lufs"),
    "true_peak_dbtp": ("true_peak_dbtp", "dbtp"),
    "lra_lu": ("lra_lu", "lra"),
    "duration_s": ("duration_s", "duration"),
}


def stimuli_of(manifest: pd.DataFrame | None) -> Stimuli | None:
    """Recordings played, one row per stimulus; largest loudness difference within a song."""
    if manifest is None or manifest.empty:
        return None
    columns = {
        measure: next((name for name in names if name in manifest), None)
        for measure, names in _MEASURES.items()
    }
    rows = [
        StimulusLevels(
            song=str(line["song"]),
            system=str(line["system"]),
            **{measure: _number(line, column) for measure, column in columns.items()},
        )
        for _, line in manifest.iterrows()
    ]
    frame = pd.DataFrame(rows)
    # Anchors keep the gain of their reference, and dry stems are parts of a mix; neither anchors
    # nor stems are matched in loudness.
    mixes = frame[[not (is_mark(name) or name.startswith("dry_")) for name in frame["system"]]]
    levels = mixes["integrated_lufs"].groupby(mixes["song"])
    spread = (levels.max() - levels.min()).max()
    return Stimuli(rows, len(rows), float(spread), float(frame["true_peak_dbtp"].max()))


def _number(line: pd.Series[Any], column: str | None) -> float:
    return float(pd.to_numeric(line[column], errors="coerce")) if column else float("nan")


def flagged_of(findings: Findings) -> Flagged:
    """Participants with screening flags: names of their flags, and the value of each flag."""
    scale = _scale_of_screening(findings)
    named = [
        FlaggedParticipant(
            row.participant, row.flags, [_logged(row, flag, scale) for flag in row.flags]
        )
        for row in findings.screening.participants
        if row.flags
    ]
    apart = discriminating(findings.screening.participants)
    if apart.is_chance:
        return Flagged(len(named), named, apart.n_judged, apart.n)
    return Flagged(len(named), named)


def _scale_of_screening(findings: Findings) -> Scale:
    """The scale, if all attributes have the same; otherwise per cent of the range of each scale."""
    sections = findings.attributes.values()
    scales = {section.scale for section in sections if isinstance(section, Attribute)}
    return scales.pop() if len(scales) == 1 else SCALE


def _logged(row: ScreenedParticipant, flag: str, scale: Scale) -> LoggedFlag:
    """Flag, with the measured value because of which it was set."""
    judged = {
        "flat": ("spread of the ratings, points; at least", row.sd, scale.points(FLAT_SHARE)),
        "identical": ("share of the most common rating; at most", row.share_identical,
                      IDENTICAL_SHARE),
        "disagrees": ("agreement with the others; at least", row.agreement,
                      _floor(row.agreement_floor)),
        "inconsistent": ("stimuli over repeats, F; at least", row.repeats_f,
                         _floor(row.repeats_floor)),
        "does_not_discriminate": ("own test of the systems, p; at most", row.friedman_p, ALPHA),
        "too_fast": ("a page left before one stimulus could be heard", math.nan, math.nan),
        "never_played": ("a stimulus rated that was never played", math.nan, math.nan),
    }  # fmt: skip
    return LoggedFlag(flag, *judged.get(flag, ("", math.nan, math.nan)))


def _floor(noise: float) -> float:
    """Level expected by chance; 0 if this level is negative or unknown."""
    return 0.0 if math.isnan(noise) else max(0.0, noise)
