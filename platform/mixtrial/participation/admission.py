"""Admission of new participants, by the study's state, last day and maximum of participants.

Conventions
-----------
A limit that is set in the dashboard replaces the same limit of the study file. The limits on new
participants are stored in the log of researchers' actions, so that all processes of a server know
the limits at once. Simulated participants and participants who have already begun are not checked
by this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from db.records.study import Action
from db.store.store import Store
from mixtrial.server.installation import Installation
from stimuli.study.study import Study
from stimuli.study_keys.recruiting.admission import Admission

LOGGED = "admission"
"""Name of such an entry of the log."""


class Closed(StrEnum):
    """Reasons for refusing new participants; the reason is shown as the heading of their page."""

    PAUSED = "no_new_participants"
    OVER = "study_over"
    FULL = "study_full"


def set_in_dashboard(actions: Sequence[Action]) -> Admission:
    """Limits that were last set in the dashboard; None where the study file's limit applies."""
    last = next((each for each in reversed(actions) if each.kind == LOGGED), None)
    if last is None or not last.detail:
        return Admission()
    said = dict(part.split() for part in last.detail.split(", "))
    capacity = int(said["capacity"]) if "capacity" in said else None
    return Admission(capacity=capacity, closes=said.get("closes"))


def set_limits(store: Store, study: str, limits: Admission) -> None:
    """Write the dashboard's limits into the log; from then on, these limits apply."""
    said = limits.model_dump(exclude_none=True)
    store.log_action(study, LOGGED, ", ".join(f"{key} {value}" for key, value in said.items()))


def in_force(study: Study, actions: Sequence[Action]) -> Admission:
    """The limits of the dashboard if there are any, otherwise the limits of the study file."""
    said = set_in_dashboard(actions).model_dump(exclude_none=True)
    return Admission(**(study.admission.model_dump() | said))


def limits_of(installation: Installation) -> Admission:
    """Limits that currently apply to a study."""
    study = installation.study
    return in_force(study, installation.store.actions(study.identifier))


def why_closed(installation: Installation) -> Closed | None:
    """Reason why new participants cannot begin now; None if new participants can begin."""
    study, store = installation.study, installation.store
    status, limits = store.study_status(study.identifier), limits_of(installation)
    if status == "closed" or limits.is_over(datetime.now(UTC)):
        return Closed.OVER
    if status != "open":
        return Closed.PAUSED
    if limits.capacity is None:
        return None
    taken = store.places_taken(study.identifier, abandoned_before(installation))
    return Closed.FULL if taken >= limits.capacity else None


def abandoned_before(installation: Installation) -> datetime | None:
    """A participant who was last active before this time is considered to have given up."""
    hours = installation.study.pages.abandoned_after_hours
    return datetime.now(UTC) - timedelta(hours=hours) if hours else None
