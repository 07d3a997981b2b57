"""Sessions stored by ``mixtrial collect``, as input of a report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.counts import counted
from analysis.ratings.table import RatingsError
from analysis.report.context import FileRead
from analysis.scale import COLUMNS, Scale
from db.store.store import Store
from mixtrial.imports.results.columns import is_of_trials, words_for_ratings
from mixtrial.imports.results.options import ReadingOptions
from mixtrial.imports.results.reading import Imported, imported_of
from mixtrial.imports.results.together import on_its_scale
from mixtrial.imports.webmushra.posted_session import session_of_text
from mixtrial.imports.webmushra.response_scales import Responses, responses_of
from mixtrial.imports.webmushra.session_tables import SessionTable, tables_of
from mixtrial.reporting.collected.chosen_test import sessions_of_test
from mixtrial.reporting.study_data import AnswerTables, PartFacts, StudyData, StudyFacts
from mixtrial.reporting.table_reader import OF_A_TABLE

MOST_LISTED = 5
"""More pages without a table are counted only; ``sessions.csv`` of an export has them all."""

TITLE = "sessions that webMUSHRA's front end posted"


def read_collected(
    store: Store, place: str, test: str | None = None, scale: Scale | None = None,
    config: Path | None = None,
) -> StudyData:  # fmt: skip
    """Collected answers of a test; only the first version of each session is used.

    In the report, each page type of the collected test is one part of the study. The report's
    sentence about the file lists content that cannot be analysed. These cannot be analysed: page
    types without ratings on a known scale, pages without a table, and later versions of a session.

    Parameters
    ----------
    store, test, place
        As in `sessions_of_test`.
    scale
        Scale of pages whose answers do not state their scale.
    config
        Configuration of the test, with the responses of its Likert pages.

    Raises
    ------
    RatingsError
        `sessions_of_test` raises an error, no page type can be analysed, or the configuration is
        for another test.
    StudyError
        The configuration cannot be read.
    """
    sessions = sessions_of_test(store, test, place)
    responses = None if config is None else _responses(config, sessions[0].test)
    first = [each for each in sessions if each.version == 1]
    tables, left = tables_of(session_of_text(each.content.decode("utf-8")) for each in first)
    parts: dict[str, pd.DataFrame] = {}
    trials: list[pd.DataFrame] = []
    said: list[str] = []
    why_not: list[str] = []
    for table in tables:
        if table.holds_places:
            why_not.append(f"{table.name} was left out (places in a room stand on no scale)")
            continue
        try:
            imported = _imported(table, place, responses)
            rows = imported.rows
            if is_of_trials(rows):
                trials.append(rows.assign(part=table.name))
            else:
                parts[table.name] = _on_scale(rows, scale, table.name).assign(part=table.name)
        except RatingsError as error:
            why_not.append(f"{table.name} was left out ({error})")
            continue
        said += _told(table.name, imported)
    if not parts and not trials:
        raise RatingsError(why_not[0] if why_not else f"{place} has only sessions without answers.")
    n_further = len(sessions) - len(first)
    if n_further:
        said.append(f"{counted(n_further, 'later version')} of a session left out")
    if left:
        shown = "; ".join(f"{each.what} of {each.session}" for each in left[:MOST_LISTED])
        more = f" and {len(left) - MOST_LISTED} more" if len(left) > MOST_LISTED else ""
        said.append(f"kept, but in no table: {shown}{more}")
    digest = hashlib.sha256("\n".join(each.digest for each in sessions).encode()).hexdigest()
    read_as = f"{place} holds {len(first)} {TITLE}: {'; '.join([*said, *why_not])}"
    facts = StudyFacts(
        title=(responses.title if responses else "") or sessions[0].test.replace("_", " "),
        scale_intervals=None,
        wording=OF_A_TABLE,
        scale_labels=(),
        parts=tuple(PartFacts(name) for name in parts),
        files=(FileRead(digest, read_as, False),),
    )
    return StudyData(facts, AnswerTables(_together(parts), _trials(trials)))


def _responses(config: Path, test: str) -> Responses:
    found = responses_of(config)
    if found.test != test:
        raise RatingsError(
            f"{config} is for the test {found.test}, but the sessions are from {test}."
        )
    return found


def _imported(table: SessionTable, place: str, responses: Responses | None) -> Imported:
    reading, name = table.reading(), f"{table.name} of {place}"
    if table.is_likert and responses is not None:
        reading = replace(reading, rows=responses.applied(reading.rows))
    elif table.is_likert and words_for_ratings(reading.rows) is not None:
        raise RatingsError(
            f"{name} holds words and not numbers; give the configuration with the order of the "
            "words: --config configs/NAME.yaml."
        )
    return imported_of(reading, name, "", TITLE, ReadingOptions())


def _on_scale(rows: pd.DataFrame, given: Scale | None, name: str) -> pd.DataFrame:
    says = any(column in rows for column in COLUMNS)
    return on_its_scale(rows, None if says else given, name)[0]


def _told(name: str, imported: Imported) -> list[str]:
    """Clauses about a page type: assumptions, and parts that were left out."""
    clauses = [*imported.assumed, *imported.doubts]
    if imported.refused:
        clauses.append(f"{len(imported.refused)} rows were left out")
    return [f"{name}: {', '.join(clauses)}"] if clauses else []


def _together(parts: dict[str, pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=["participant", "song", "system", "attribute", "rating"])
    return _filled(list(parts.values()))


def _trials(trials: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    return _filled(trials) if trials else None


def _filled(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables combined by rows; cells of missing text columns are empty."""
    rows = pd.concat(tables, ignore_index=True)
    return rows.fillna({str(name): "" for name in rows if name not in COLUMNS})
