"""Sessions from webMUSHRA's own front end: numbers of sessions and pages, and problems.

The view of collected sessions names no system and shows no mean, so that the study stays blind.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mixtrial.dashboard.frame import card, draw_figures
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.dashboard.tables import draw_table
from mixtrial.language.spoken import told
from mixtrial.reporting.collected.overview import SessionSeen, sessions_seen


def draw(snapshot: Snapshot) -> None:
    """Draw the key figures of each test, the last sessions, and the unreadable messages."""
    store = snapshot.installation.store
    seen = sessions_seen(store)
    first = [each for each in seen if each.version == 1]
    with card("collected", "Collected", "Sessions that webMUSHRA's own front end posted here."):
        draw_figures(
            [
                (str(len(first)), "Sessions", "each counted once, however often it was sent"),
                (str(len(seen) - len(first)), "Other versions", "same name, other content"),
                (str(store.n_unreadable()), "To be repaired", "posted, but no session"),
            ]
        )
    with card("collected-tests", "Tests", "Answers by page type, of first versions."):
        draw_table(_by_test(first), left=2)
    with card("collected-last", "Last sessions", "The newest first, fifty at most."):
        draw_table(_as_table(seen[::-1][:50]), left=6)
    st.html(
        f'<p class="dx-note">{told("The database of this study has them:")} <code>mixtrial report '
        f"mixtrial.sqlite</code> {told('analyses them')}, <code>mixtrial export mixtrial.sqlite"
        f"</code> {told('writes them as files.')}</p>"
    )


def _by_test(seen: list[SessionSeen]) -> pd.DataFrame:
    rows = pd.DataFrame(
        [(each.test, kind, n) for each in seen for kind, n in each.answers.items()],
        columns=["Test", "Page type", "n"],
    )
    grouped = rows.groupby(["Test", "Page type"], sort=False)["n"].agg(["size", "sum"])
    return grouped.reset_index().rename(columns={"size": "Sessions", "sum": "Answers"})


def _as_table(seen: list[SessionSeen]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Came": [f"{each.received_at:%d %b %H:%M:%S}" for each in seen],
            "Test": [each.test for each in seen],
            "Session": [each.session for each in seen],
            "Version": [
                str(each.version) if each.version == 1 else told(f"{each.version} (look at it)")
                for each in seen
            ],
            "Answers": [sum(each.answers.values()) for each in seen],
            "In no table": [each.in_no_table or "–" for each in seen],
        }
    )
