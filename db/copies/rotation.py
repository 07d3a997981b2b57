"""Backups in a folder: every copy is a new file, and only some older copies are kept.

For each of the last hours, days and weeks, the newest copy is kept. All other copies in the folder
are deleted. When old copies are deleted, the data of withdrawn participants in these copies are
deleted too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from db.copies.backup import back_up
from db.records.errors import StoreError

KEPT = (("%Y-%m-%d %H", 24), ("%Y-%m-%d", 7), ("%G-%V", 4))
"""Periods (hour, day and week of ISO 8601, all in UTC), and the number of periods of each kind for
which a backup is kept."""

MOMENT = "%Y%m%dT%H%M%SZ"
SUFFIX = ".backup"


def back_up_into(url: str, folder: Path, study: str, now: datetime | None = None) -> Path:
    """Copy the archive at ``url`` into a new file in ``folder``, and delete old copies.

    Parameters
    ----------
    url
        The archive.
    folder
        Folder of backups; files of other studies and files with other names are not changed.
    study
        Identifier of the study; it is part of the names of the backups.
    now
        Time of the copy; it is part of the name of the new file.

    Raises
    ------
    StoreError
        The copy cannot be made; in this case, no old backup is deleted.
    """
    if not folder.is_dir():
        raise StoreError(f"There is no folder {folder} for backups.")
    out = folder / f"{study}-{(now or datetime.now(UTC)).strftime(MOMENT)}{SUFFIX}"
    back_up(url, out)
    made = _backups(folder, study)
    staying = kept(made.values())
    for path, moment in made.items():
        # The newest backup is kept even if the clock was wrong.
        if moment not in staying and path != out:
            path.unlink()
    return out


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """The backups to keep, chosen from all backups in the folder."""
    newest_first = sorted(moments, reverse=True)
    staying: set[datetime] = set()
    for period, n_periods in KEPT:
        newest_of: dict[str, datetime] = {}
        for moment in newest_first:
            newest_of.setdefault(moment.strftime(period), moment)
        staying.update(list(newest_of.values())[:n_periods])
    return staying


def _backups(folder: Path, study: str) -> dict[Path, datetime]:
    name = re.compile(rf"{re.escape(study)}-(\d{{8}}T\d{{6}}Z){re.escape(SUFFIX)}")
    found = {path: name.fullmatch(path.name) for path in folder.iterdir()}
    return {
        path: datetime.strptime(match[1], MOMENT).replace(tzinfo=UTC)
        for path, match in found.items()
        if match is not None
    }
