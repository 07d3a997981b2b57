"""Status of recruitment (open, paused or closed), on the views that concern recruitment."""

from __future__ import annotations

import streamlit as st

from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.language.spoken import told

STATUSES = {
    "open": "Open: new participants can begin",
    "paused": "Paused: no new participants; those who have begun can finish",
    "closed": "Closed: data collection is over; those who have begun can finish",
}


def draw_status(snapshot: Snapshot) -> None:
    """Draw the choice of the status of recruitment; a change takes effect at once and is logged."""
    names = list(STATUSES)
    chosen = st.radio(
        told("Recruitment"),
        names,
        index=names.index(snapshot.status),
        format_func=lambda name: told(STATUSES[name]),
        label_visibility="collapsed",
    )
    if chosen != snapshot.status:
        snapshot.installation.store.set_study_status(snapshot.installation.study.identifier, chosen)
        st.rerun()
