"""Participants with doubtful answers, and the reasons, while the study is running and blind.

A flag excludes nobody. The table names participants but no systems or songs; for this reason, a
researcher who reads it cannot influence the results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd

from analysis.findings.screening import ScreenedParticipant
from analysis.ratings.participants import FEWEST_RATINGS, FLAT_SHARE, IDENTICAL_SHARE, participants
from analysis.ratings.table import check_ratings
from analysis.scale import COLUMNS
from mixtrial.dashboard.frame import card, draw_empty, draw_figures
from mixtrial.dashboard.snapshot import Snapshot, with_chosen_part
from mixtrial.dashboard.tables import draw_table
from mixtrial.language.spoken import number_in, spoken_language, told_in
from mixtrial.reporting.study_reader import group_labels
from mixtrial.server.installation import Installation

SEED = 1
SCREENED = "screened"
KNOWN = ["participant", "group", "song", "system", "attribute", "rating"]

REASONS = {
    "flat": f"ratings hardly differ (SD {{sd:.3g}}, below {100 * FLAT_SHARE:g} % of the scale)",
    "identical": f"one value in {{share_identical:.0%}} of the ratings, over {IDENTICAL_SHARE:.0%}",
    "disagrees": "agrees with the others no more than by chance (rho {agreement:.2f})",
    "inconsistent": "repeated pages agree no better than by chance (F {repeats_f:.2f})",
    "does_not_discriminate": "does not distinguish the systems (Friedman p {friedman_p:.2f})",
    "too_fast": "a page took less time than one of its stimuli lasts",
    "never_played": "rated a stimulus that was never played",
}


def draw(snapshot: Snapshot) -> None:
    """Draw the screening of all participants with ratings so far."""
    snapshot = with_chosen_part(snapshot)
    ratings = snapshot.ratings()
    if ratings.empty:
        with card("screening-empty", "Screening"):
            draw_empty("There are no ratings yet.")
        return
    rows = screened_so_far(snapshot)
    flagged = [row for row in rows if row.flags]
    finished = set(snapshot.participants.loc[snapshot.participants["finished_at"].notna(),
                                             "participant"])  # fmt: skip
    draw_figures(
        [
            (str(len(rows)), "Have rated", f"{len(finished)} have finished"),
            (str(len(flagged)), "With a flag", f"{len(rows) - len(flagged)} without"),
        ]
    )
    lead = (
        "A flag excludes nobody; it asks you to check. Decide on exclusions before the systems' "
        f"names are uncovered. Spreads are judged if there are at least {FEWEST_RATINGS} ratings."
    )
    with card("screening", "Screening so far", lead):
        draw_table(readable(rows, finished, group_labels(snapshot.installation.study)), left=4)


def durations_s(installation: Installation) -> dict[str, float]:
    """Duration of the stimuli of each song in seconds; empty before the study is built."""
    if installation.manifest is None:
        return {}
    return {stimulus.song: stimulus.duration_s for stimulus in installation.manifest.stimuli}


def prepared(ratings: pd.DataFrame, durations: dict[str, float]) -> pd.DataFrame:
    """The database's table of participants, in the form that the screening reads."""
    scale = [name for name in COLUMNS if name in ratings]
    table = ratings[[*KNOWN, *scale]].assign(
        replicate=ratings["replicate"],
        page_time_s=ratings["time_s"].astype(float),
        duration_s=ratings["song"].map(durations).astype(float),
        play_count=ratings["plays"],
    )
    table["group"] = table["group"].where(table["group"] != "", "unknown")
    return check_ratings(table)


def screened_so_far(snapshot: Snapshot) -> list[ScreenedParticipant]:
    """One row per participant with ratings; the rows are kept until a participant progresses."""
    return snapshot.worked_out(SCREENED, lambda: _screened(snapshot))


def _screened(snapshot: Snapshot) -> list[ScreenedParticipant]:
    return screened(prepared_so_far(snapshot))


def prepared_so_far(snapshot: Snapshot) -> pd.DataFrame:
    """Ratings of a snapshot for the screening, kept until a participant progresses."""
    durations = durations_s(snapshot.installation)
    return snapshot.worked_out("prepared", lambda: prepared(snapshot.ratings(), durations))


def screened(ratings: pd.DataFrame) -> list[ScreenedParticipant]:
    """One row per participant, with flags; no system is treated as a reference or an anchor."""
    return participants(ratings, None, None, [], SEED)


def flagged_participants(snapshot: Snapshot) -> tuple[str, ...]:
    """Sorted names of participants with at least one flag; the list can be some seconds old."""
    rows = snapshot.worked_out_lately(SCREENED, lambda: _screened(snapshot))
    return tuple(sorted(row.participant for row in rows if row.flags))


def reasons(row: ScreenedParticipant, language: str) -> str:
    """The flags of a participant in words, each with the value that caused the flag."""
    if not row.flags:
        return ""
    figures = asdict(row)
    return "; ".join(told_in(language, REASONS.get(flag, flag).format(**figures))
                     for flag in row.flags)  # fmt: skip


def readable(
    rows: list[ScreenedParticipant], finished: set[str], groups: Mapping[str, str]
) -> pd.DataFrame:
    """Return the table of screening, flagged participants first, with the labels of groups."""
    ordered = sorted(rows, key=lambda row: (not row.flags, row.participant))
    language = spoken_language()  # the language is read once, not for each of thousands of cells
    states = [told_in(language, state) for state in ("under way", "finished")]
    return pd.DataFrame(
        [
            {
                "Participant": row.participant,
                "Reasons to look": reasons(row, language) or "–",
                "Group": groups.get(row.group) or told_in(language, row.group.capitalize()),
                "State": states[row.participant in finished],
                "Ratings": row.n_ratings,
                "Mean": row.mean,
                "SD": row.sd,
                "Agreement": number_in(language, f"{row.agreement:.2f}")
                if pd.notna(row.agreement)
                else "–",
            }
            for row in ordered
        ]
    )
