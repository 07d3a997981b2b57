"""Tables of a study, kept from the last time they were read, and results computed from them.

Before any table is read, the progress of all participants is read, which takes some milliseconds.
Then only the rows of those participants are read again who have progressed since the last time.
Results computed from the tables are kept until a participant progresses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from functools import lru_cache
from threading import Lock, RLock
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from db.records.participation import participant_identifier
from mixtrial.server.installation import Installation

T = TypeVar("T")
Progress = dict[int, tuple[Any, ...]]
Read = Callable[[str, Collection[int] | None], pd.DataFrame]

WHOLE_SHARE = 0.2
"""Where more than this share of participants went on, the whole table is read."""

MOST_RESULTS = 64


class KeptTable:
    """Rows of a table, sorted by participant, and each participant's progress when it was read."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._table = pd.DataFrame()

    def at(self, progress: Progress, read: Callable[[Collection[int] | None], pd.DataFrame]) -> (
        pd.DataFrame
    ):  # fmt: skip
        """The table for the given progress; ``read`` reads some or all participants' rows."""
        before, self._progress = self._progress, progress
        if before is None:
            self._table = read(None)
            return self._table
        there = {index for index, stood in progress.items() if before.get(index) != stood}
        outdated = there | (before.keys() - progress.keys())
        if len(there) > WHOLE_SHARE * len(progress):
            self._table = read(None)
        elif outdated:
            fresh = read(sorted(there)) if there else self._table.iloc[:0]
            enrolled = sorted(before.keys() | progress.keys())
            self._table = _with_fresh(self._table, fresh, outdated, enrolled)
        return self._table


def _with_fresh(
    table: pd.DataFrame, fresh: pd.DataFrame, outdated: set[int], enrolled: list[int]
) -> pd.DataFrame:
    """The table with new rows for some participants, all in the order of enrolment.

    Rows between the outdated rows are copied in blocks, not one by one.
    """
    parts, done = list[pd.DataFrame](), 0
    starts, fresh_starts = _starts(table), _starts(fresh)
    for index in sorted(outdated):
        name = participant_identifier(index)
        first, end = starts.get(name) or _gap(starts, index, enrolled, len(table))
        parts += [table.iloc[done:first], fresh.iloc[slice(*fresh_starts.get(name, (0, 0)))]]
        done = end
    parts.append(table.iloc[done:])
    # columns of an empty table have no types
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _starts(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """For each participant, the first row and the row after the last one."""
    code, names = pd.factorize(table["participant"])
    ends = np.searchsorted(code, np.arange(len(names)), side="right").tolist()
    return dict(zip(map(str, names), zip([0, *ends], ends, strict=False), strict=True))


def _gap(
    starts: dict[str, tuple[int, int]], index: int, enrolled: list[int], n_rows: int
) -> tuple[int, int]:
    """Where rows of a participant without rows belong: before the next participant who has rows."""
    later = (participant_identifier(other) for other in enrolled if other > index)
    place = next((starts[name][0] for name in later if name in starts), n_rows)
    return place, place


class KeptTables:
    """The tables of one study, shared by all sessions of the dashboard."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tables: dict[str, KeptTable] = {}
        self._results: dict[Hashable, Any] = {}
        self._working_out: dict[Hashable, Lock] = {}
        self._former: dict[Hashable, Any] = {}
        self.progress: Progress = {}

    def look(self, installation: Installation) -> None:
        """Read the progress of all participants; if there is new progress, discard all results."""
        progress = installation.store.progress_of_each(installation.study.identifier)
        with self._lock:
            if progress != self.progress:
                self.progress = progress
                asked = self._former.keys() & self._results.keys()
                self._former |= {key: self._results[key] for key in asked}
                self._results.clear()
                self._working_out.clear()

    def table(self, name: str, read: Read, study: str) -> pd.DataFrame:
        """A table as it was when the progress was last read; callers must not change it."""
        with self._lock:
            kept = self._tables.setdefault(name, KeptTable())
            return kept.at(self.progress, lambda participants: read(study, participants))

    def worked_out(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """Result for ``key``, computed once until participants progress; do not change it.

        If two callers need the same key, the second one waits for the result of the first.
        """
        with self._lock:
            mine = self._working_out.setdefault(key, Lock())
        with mine:  # a computation can take seconds, so each key has its own lock
            with self._lock:
                progress = self.progress
                if key in self._results:
                    return cast(T, self._results[key])
            made = work_out()
            with self._lock:
                if self.progress is progress:
                    while len(self._results) >= MOST_RESULTS:
                        forgotten = next(iter(self._results))
                        del self._results[forgotten]
                        self._working_out.pop(forgotten, None)
                    self._results[key] = made
            return made

    def worked_out_lately(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """Result as from :func:`worked_out`, or an older result from before the last progress.

        A kept result can be some seconds old; an open page computes the result again from time to
        time.
        """
        with self._lock:
            if key not in self._results and key in self._former:
                return cast(T, self._former[key])
        made = self.worked_out(key, work_out)
        with self._lock:
            self._former[key] = made
        return made


def kept_tables(installation: Installation) -> KeptTables:
    """Tables kept for a study."""
    return _kept(installation.settings.database_url, installation.study.identifier)


@lru_cache(maxsize=8)
def _kept(database_url: str, study: str) -> KeptTables:  # noqa: ARG001
    return KeptTables()
