"""Analysed data of a study, archive or table: one part, no training pages, valid participants.

A report analyses the ratings of one part: the requested part or, by default, the first part with
ratings. For choices between mixes, a report uses all parts of the study.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.exclusions.difference_grades import difference_grades
from analysis.ratings.table import GRADED_AGAINST, RatingsError
from analysis.report.sections.sample import ComersByStage
from db.records.participation import RATINGS
from mixtrial.exports.csv_text import rated_pages, warnings_about
from mixtrial.reporting.options import SettledOptions
from mixtrial.reporting.participants import flow_of
from mixtrial.reporting.study_data import AnswerTables, PartFacts, StudyData, StudyTables


@dataclass(frozen=True, slots=True)
class AnalysedData:
    """Analysed ratings, and the report's facts about their participants.

    ``ratings`` are the ratings of one ``part``, with facts about their origin. ``trials``,
    ``comments`` and ``all_ratings`` cover all parts of the study; controls (such as traps) are
    looked up in ``all_ratings``. ``planned`` holds the planned songs of each participant.
    ``first_rating_at`` is the time of the very first rating, even if this rating is excluded.
    ``why_empty`` is the reason why there are no ratings. ``why_empty`` is an empty text if the
    reason is unknown.
    """

    part: PartFacts
    ratings: pd.DataFrame
    trials: pd.DataFrame | None
    comments: pd.DataFrame | None = None
    people: pd.DataFrame | None = None
    planned: pd.DataFrame | None = None
    flow: ComersByStage | None = None
    first_rating_at: str | None = None
    why_empty: str = ""
    notices: tuple[str, ...] = ()
    all_ratings: pd.DataFrame | None = None


def analysed_data(data: StudyData, options: SettledOptions) -> AnalysedData:
    """The analysed data of a source.

    Raises
    ------
    RatingsError
        The requested part does not exist, or only real participants are to be analysed, but none
        has rated.
    """
    if isinstance(data.tables, StudyTables):
        part = reported_part(data.facts.parts, options.part)
        return _of_study(data.tables, data.stimuli, part, options)
    part = reported_part(data.facts.parts, options.part if data.facts.parts else None)
    return _of_table(data.tables, part, options)


def _of_table(tables: AnswerTables, part: PartFacts, options: SettledOptions) -> AnalysedData:
    """All rows of a table whose exporter has already selected the participants."""
    ratings, trials = with_differences(of_part(tables.ratings, part), part), tables.trials
    if options.without_simulated:
        ratings = real_participants(ratings)
        trials = None if trials is None else real_participants(trials)
    return AnalysedData(
        part=part,
        ratings=ratings,
        trials=trials,
        all_ratings=tables.ratings,
        flow=None if options.invited is None else ComersByStage(invited=options.invited),
        why_empty="" if trials is None else "The table has no trials.",
    )


def _of_study(
    tables: StudyTables, stimuli: pd.DataFrame | None, part: PartFacts, options: SettledOptions
) -> AnalysedData:
    def counted(table: pd.DataFrame) -> pd.DataFrame:
        rated = rated_pages(table, include_unfinished=options.unfinished)
        return _of_kind(rated, options)

    rated = rated_pages(tables.ratings, include_unfinished=options.unfinished)
    ratings = with_differences(of_part(rated, part), part)
    if options.without_simulated and not ratings.empty:
        ratings = real_participants(ratings)
    trials, people = counted(tables.trials), tables.participants
    heard = {*ratings["participant"], *trials["participant"]}
    pages = of_part(tables.pages, part)
    pages = pages[(pages["phase"] == "rating") & pages["participant"].isin(heard)]
    return AnalysedData(
        part=part,
        ratings=with_listening(with_behaviour(ratings, stimuli), tables.listening),
        trials=trials,
        all_ratings=counted(tables.ratings),
        comments=counted(tables.comments),
        people=people[people["participant"].isin(heard)].reset_index(drop=True),
        planned=pages[["participant", "song"]].drop_duplicates().reset_index(drop=True),
        flow=flow_of(_of_kind(people, options), options.invited),
        first_rating_at=_first_rating(_of_kind(tables.ratings, options)),
        why_empty=_why_empty(tables, options.unfinished) if ratings.empty else "",
        notices=tuple(warnings_about(ratings["participant_kind"], ratings["study_fingerprint"])),
    )


def reported_part(parts: Sequence[PartFacts], wanted: str | None) -> PartFacts:
    """The part with the given name; by default, the first part with a scale, or a nameless part.

    Raises
    ------
    RatingsError
        The study has no such part, or the part's answers are not values of a scale.
    """
    names = [part.name for part in parts]
    if wanted is not None and wanted not in names:
        there = f"there are {', '.join(names)}" if names else "the study has no parts"
        raise RatingsError(f"The study has no part {wanted!r}; {there}.")
    scaled = [part for part in parts if part.answers == RATINGS]
    chosen = [part for part in scaled if wanted in (None, part.name)]
    if wanted is not None and not chosen:
        raise RatingsError(
            f"The part {wanted!r} asks for choices, which are in every report; name a part with "
            "ratings."
        )
    return chosen[0] if chosen else PartFacts()


def of_part(table: pd.DataFrame, part: PartFacts) -> pd.DataFrame:
    """Rows of the chosen part; all rows if the table has no parts."""
    if not part.name or "part" not in table:
        return table
    return table[table["part"] == part.name].reset_index(drop=True)


def with_differences(ratings: pd.DataFrame, part: PartFacts) -> pd.DataFrame:
    """Difference grades if they exist for the part or the table, otherwise ratings."""
    if part.graded_against:
        ratings = ratings.assign(**{GRADED_AGAINST: part.graded_against})
    return difference_grades(ratings)


def real_participants(table: pd.DataFrame) -> pd.DataFrame:
    """Answers of real participants only.

    Raises
    ------
    RatingsError
        Only simulated participants have answered.
    """
    if "participant_kind" not in table:
        return table
    kept = _real(table)
    if kept.empty:
        raise RatingsError("All participants are simulated; no real participant has rated yet.")
    return kept


def _real(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["participant_kind"] != "simulated"].reset_index(drop=True)


def _of_kind(table: pd.DataFrame, options: SettledOptions) -> pd.DataFrame:
    """Rows of the participants in the report."""
    return _real(table) if options.without_simulated else table


def with_behaviour(ratings: pd.DataFrame, stimuli: pd.DataFrame | None) -> pd.DataFrame:
    """Add columns for the screening: page_time_s, play_count, and the excerpts' duration_s.

    The plays and times of simulated participants are artificial and therefore not screened.
    """
    real = ratings["participant_kind"] != "simulated"
    ratings = ratings.assign(
        page_time_s=pd.to_numeric(ratings["time_s"]).where(real),
        play_count=pd.to_numeric(ratings["plays"]).where(real).astype(float),
    )
    if stimuli is not None:
        lengths = stimuli.drop_duplicates("song").set_index("song")["duration_s"]
        ratings = ratings.assign(duration_s=ratings["song"].map(lengths))
    return ratings


def with_listening(ratings: pd.DataFrame, listening: pd.DataFrame) -> pd.DataFrame:
    """Add the columns heard_s (seconds heard) and switches_to (switches to the stimulus)."""
    keys = ["participant", "part", "song", "replicate", "system"]
    known = listening[listening["phase"] == "rating"]
    if known.empty or not set(keys) <= set(ratings.columns):
        return ratings
    # Each stimulus of a song is on only one page. If an open reference has the name of a rated
    # stimulus, the rows of the reference come last and are dropped.
    first = known.drop_duplicates(keys)[[*keys, "heard_s", "switches_to"]]
    return ratings.merge(first, on=keys, how="left")


def _first_rating(ratings: pd.DataFrame) -> str | None:
    """Time of the first rating, without practice pages; pages that were not finished also count."""
    times = ratings.loc[ratings["phase"] == "rating", "rated_at"].astype(str)
    return min(filter(None, times), default=None)


def _why_empty(tables: StudyTables, unfinished: bool) -> str:
    if tables.participants.empty:
        return "There are no ratings yet: nobody has taken part."
    if unfinished or tables.ratings.empty:
        return "There are no ratings yet."
    return (
        "There are no ratings yet: no participant has finished the study "
        "(--unfinished reports on what there is)."
    )
