"""A study's tables as they were read last, and what was worked out of them.

Each look asks how far everybody is, which costs some milliseconds, and reads again only what
belongs to those who went on since. What was worked out of the tables holds until somebody went on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from threading import RLock
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import streamlit as st

from db.records.participation import participant_identifier
from mixtrial.server.installation import Installation

T = TypeVar("T")
Progress = dict[int, tuple[Any, ...]]
Read = Callable[[str, Collection[int] | None], pd.DataFrame]

WHOLE_SHARE = 0.2
"""Where more than this share of participants went on, the whole table is read."""

MOST_RESULTS = 64


class KeptTable:
    """One table, sorted by participant, and how far everybody was when it was read."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._table = pd.DataFrame()

    def at(self, progress: Progress, read: Callable[[Collection[int] | None], pd.DataFrame]) -> (
        pd.DataFrame
    ):  # fmt: skip
        """The table at this progress; ``read`` reads that of some participants, or of all."""
        before, self._progress = self._progress, progress
        if before is None:
            self._table = read(None)
            return self._table
        there = {index for index, stood in progress.items() if before.get(index) != stood}
        outdated = there | (before.keys() - progress.keys())
        if len(there) > WHOLE_SHARE * len(progress):
            self._table = read(None)
        elif outdated:
            kept = self._table[
                ~self._table["participant"].isin(map(participant_identifier, outdated))
            ]
            parts = [kept, read(sorted(there))] if there else [kept]
            # an empty table has no column types
            self._table = pd.concat([part for part in parts if len(part)] or parts[:1])
            self._table = _in_order(self._table, progress)
        return self._table


def _in_order(table: pd.DataFrame, progress: Progress) -> pd.DataFrame:
    """Rows by participant in the order of enrolment, those of one as they stand."""
    names = pd.Index([participant_identifier(index) for index in progress])
    order = np.argsort(names.get_indexer(pd.Index(table["participant"])), kind="stable")
    return table.take(order).reset_index(drop=True)


class KeptTables:
    """The tables of one study, for all who look at it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tables: dict[str, KeptTable] = {}
        self._results: dict[Hashable, Any] = {}
        self.progress: Progress = {}

    def look(self, installation: Installation) -> None:
        """Ask how far everybody is; what was worked out is forgotten where somebody went on."""
        progress = installation.store.progress_of_each(installation.study.identifier)
        with self._lock:
            if progress != self.progress:
                self.progress = progress
                self._results.clear()

    def table(self, name: str, read: Read, study: str) -> pd.DataFrame:
        """A table as of the last look; nobody may change it."""
        with self._lock:
            kept = self._tables.setdefault(name, KeptTable())
            return kept.at(self.progress, lambda participants: read(study, participants))

    def worked_out(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """Result computed under this key since somebody last went on; nobody may change it."""
        with self._lock:
            progress = self.progress
            if key in self._results:
                return cast(T, self._results[key])
        made = work_out()  # without the lock, as it may take seconds
        with self._lock:
            if self.progress is progress:
                if len(self._results) >= MOST_RESULTS:
                    self._results.pop(next(iter(self._results)))
                self._results[key] = made
        return made


def _key(installation: Installation) -> tuple[str, str]:
    """Key of a study's tables in the cache."""
    return installation.settings.database_url, installation.study.identifier


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={Installation: _key})
def kept_tables(installation: Installation) -> KeptTables:  # noqa: ARG001
    """The kept tables of a study."""
    return KeptTables()
