"""Uncovering of the systems' names, which is final and logged."""

from __future__ import annotations

from mixtrial.dashboard.snapshot import Snapshot

DECISIONS_ARE_MADE = "All decisions about exclusions and about when to stop are made"
"""Statement that a researcher confirms before the names are uncovered."""


def uncover(snapshot: Snapshot) -> None:
    """Log the uncovering of the systems' names, with the number of participants."""
    finished = int(snapshot.participants["finished_at"].notna().sum())
    snapshot.installation.store.log_action(
        snapshot.installation.study.identifier, "unblind", f"after {finished} finished participants"
    )
