"""Collected sessions as files: webMUSHRA's tables, the sessions, and invalid messages.

================================  ================================================================
``mushra.csv``, ``lss.csv``, …    answers of the first version of each session, a page type a file
``sessions.csv``                  every version of every session: when it came, what is in no table
``sessions.jsonl``                every version as it was posted, one a line
``unreadable/``                   bodies that are no session; mended, they can be posted again
================================  ================================================================
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from db.records.collected import CollectedSession
from db.store.store import Store
from mixtrial.exports.csv_text import safe_csv_of_text
from mixtrial.imports.webmushra.posted_session import session_of_text
from mixtrial.imports.webmushra.session_tables import tables_of
from mixtrial.reporting.collected.chosen_test import sessions_of_test
from mixtrial.reporting.collected.overview import SessionSeen, sessions_seen


def write_collected(store: Store, place: str, test: str | None, folder: Path) -> int:
    """Write all collected sessions of a test into a folder; return their number.

    Parameters
    ----------
    store, place, test
        As in `sessions_of_test`.
    folder
        The folder exists and is not empty.

    Raises
    ------
    RatingsError
        As `sessions_of_test`.
    """
    sessions = sessions_of_test(store, test, place)
    first = [each for each in sessions if each.version == 1]
    tables, _ = tables_of(session_of_text(_text(each)) for each in first)
    for table in tables:
        _write(folder / f"{table.name}.csv", safe_csv_of_text(table.table))
    _write(
        folder / "sessions.csv",
        safe_csv_of_text(pd.DataFrame(map(_row, sessions_seen(store, sessions[0].test)))),
    )
    lines = (json.dumps(session_of_text(_text(each)).said) for each in sessions)
    _write(folder / "sessions.jsonl", "".join(f"{line}\n" for line in lines))
    bodies = store.unreadable_bodies()
    if bodies:
        (folder / "unreadable").mkdir()
    for number, each in enumerate(bodies, 1):
        (folder / "unreadable" / f"{number:04d}.txt").write_bytes(each.body)
    if bodies:
        why = [{"file": f"{number:04d}.txt", "received_at": each.received_at.isoformat(),
                "reason": each.reason} for number, each in enumerate(bodies, 1)]  # fmt: skip
        _write(folder / "unreadable" / "reasons.csv", safe_csv_of_text(pd.DataFrame(why)))
    return len(sessions)


def _row(seen: SessionSeen) -> dict[str, str]:
    return {
        "session_test_id": seen.test, "session_uuid": seen.session,
        "version": str(seen.version), "received_at": seen.received_at.isoformat(),
        "sha256": seen.sha256, "pages": str(seen.n_pages), "in_no_table": seen.in_no_table,
    }  # fmt: skip


def _text(session: CollectedSession) -> str:
    return session.content.decode("utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
