"""Where a report's ratings come from: a table, a study with its database, or an archive.

Each source becomes the same pair: the ratings to analyse, and the context that the analysis is
told. A study and an archive of it give the same pair, to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.ratings.table import RatingsError, read_ratings
from analysis.report.context import ReportContext
from mixtrial.exports.csv_text import rated_pages, warnings_about
from mixtrial.exports.stimuli import stimuli_table
from mixtrial.reporting.options import Choices
from mixtrial.reporting.participants import flow_facts
from mixtrial.reporting.reported_part import Kept, of_part, part_of_table, reported_part
from mixtrial.reporting.stored_tables import (
    Stored,
    analysable,
    real_participants,
    stored_tables,
    with_behaviour,
    with_listening,
    with_objective,
)
from mixtrial.reporting.study_facts import report_context, study_facts
from mixtrial.server.installation import existing_installation

Source = tuple[pd.DataFrame, "ReportContext"]


def from_table(path: Path, choices: Choices) -> Source:
    """Ratings of a CSV file, ours or another's, and the little that is known about them."""
    if path.is_dir():
        raise RatingsError(
            f"{path} is a folder; name a table of ratings, a study.yaml or an archive"
        )
    done = choices.under(None)
    context = ReportContext(
        title=path.stem.replace("_", " ").strip() or "Listening test",
        df_method=done.df_method or "satterthwaite",
        margin=done.margin or 5.0,
        seed=done.seed or 0,
        primary_attribute=done.primary,
        reference=done.reference,
        mid_anchor=done.mid_anchor,
        low_anchor=done.low_anchor,
        flow={"invited": done.invited} if done.invited is not None else None,
        also=done.also or (),
    )
    header = _header_of(path)
    if {"system_a", "system_b", "answer"} <= header:
        return _choices_of(path, bool(done.without_simulated), context)
    if {"page_kind", "repeat", "part"} & header:
        table = analysable(_readable(path))
        part = part_of_table(table, done.part)
        table = of_part(table, part)
        context = replace(context, part=part.name, part_names=part.names)
    else:
        table = read_ratings(path)
    return (real_participants(table) if done.without_simulated else table), context


def _choices_of(path: Path, without_simulated: bool, context: ReportContext) -> Source:
    """A table of preference and ABX trials, as ``mixtrial export --table trials`` writes it."""
    trials = _readable(path)
    if "page_kind" in trials:
        trials = trials[trials["page_kind"] != "training"]
    if without_simulated:
        trials = real_participants(trials)
    nothing = pd.DataFrame(columns=["participant", "song", "system", "attribute", "rating"])
    return nothing, replace(context, trials=trials, why_empty="The table has no trials.")


def _readable(path: Path) -> pd.DataFrame:
    """Every cell as text; a table that cannot be read is one sentence."""
    try:
        return read_text_table(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise RatingsError(f"{path.name} is not a readable UTF-8 CSV file: {reason}.") from None


def _header_of(path: Path) -> set[str]:
    """Column names of a CSV file; none when it cannot be read, so that the reader says why."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return {name.strip().strip('"') for name in file.readline().split(",")}
    except (OSError, UnicodeDecodeError):
        return set()


def read_text_table(path: Path) -> pd.DataFrame:
    """Every cell of a CSV file as text, the way it stands there."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def from_study(path: Path, stimuli: Path | None, database: str | None, choices: Choices) -> Source:
    """Ratings of a study from its database, with the words and the stimuli of its file."""
    installation = existing_installation(path, stimuli, database)
    manifest = None
    if installation.manifest is not None:
        manifest = with_objective(stimuli_table(installation), installation.manifest.folder)
    return assembled(stored_tables(installation), study_facts(installation), manifest, choices)


def assembled(
    stored: Stored,
    facts: Mapping[str, Any],
    manifest: pd.DataFrame | None,
    choices: Choices,
) -> Source:
    """Ratings to analyse and their context, from everything that was stored.

    Raises
    ------
    RatingsError
        The part asked for is not there, or nobody real has rated although only they are wanted.
    """
    kept = kept_of(stored, facts, choices.under(facts["plan"]))
    notices = warnings_about(kept.ratings["participant_kind"], kept.ratings["study_hash"])
    table = with_listening(with_behaviour(analysable(kept.ratings), manifest), stored.listening)
    return table, report_context(facts, kept, manifest, choices, notices)


def kept_of(stored: Stored, facts: Mapping[str, Any], done: Choices) -> Kept:
    """Return what is analysed of what was stored."""
    part = reported_part(facts.get("parts", []), done.part)
    unfinished = bool(done.unfinished)
    tables = [stored.ratings, stored.trials, stored.comments]
    ratings, trials, comments = (rated_pages(t, include_unfinished=unfinished) for t in tables)
    ratings = of_part(ratings, part)
    kinds = ("participant",) if done.without_simulated else ()
    if kinds and not ratings.empty:
        ratings = real_participants(ratings)
    if kinds:
        trials, comments = (t[t["participant_kind"].isin(kinds)] for t in (trials, comments))
    heard = {*ratings["participant"], *trials["participant"]}
    people = stored.participants
    pages = of_part(stored.pages, part)
    pages = pages[(pages["page_kind"] == "rating") & pages["participant"].isin(heard)]
    return Kept(
        part=part,
        ratings=ratings,
        trials=trials.reset_index(drop=True),
        comments=comments.reset_index(drop=True),
        people=people[people["participant"].isin(heard)].reset_index(drop=True),
        planned=pages[["participant", "song"]].drop_duplicates().reset_index(drop=True),
        flow=flow_facts(people, done.invited, kinds),
        first_rating_at=_first_rating(stored.ratings, kinds),
        why_empty=_why_empty(stored, unfinished) if ratings.empty else "",
    )


def _first_rating(ratings: pd.DataFrame, kinds: tuple[str, ...]) -> str | None:
    """When the first rating of a page that counts came, finished or not; ``kinds``: whose."""
    counted = ratings[ratings["page_kind"] == "rating"]
    if kinds:
        counted = counted[counted["participant_kind"].isin(kinds)]
    times = [str(time) for time in counted["rated_at"] if str(time)]
    return min(times, default=None)


def _why_empty(stored: Stored, unfinished: bool) -> str:
    if stored.participants.empty:
        return "There are no ratings yet: nobody has taken part."
    if unfinished or stored.ratings.empty:
        return "There are no ratings yet."
    return (
        "There are no ratings yet: no participant has finished the study "
        "(--unfinished reports on what there is)."
    )
