"""Known panels: the parameters in their links, and their addresses for completion codes.

Conventions
-----------
``participant`` is the parameter of the address that identifies the person, ``keep`` others that the
panel adds (or, at Sona, that researchers write into the study's address there). ``link`` is the
panel's address for a completion code; the code replaces the placeholder ``{code}``. ``link`` is
None for a panel without an address for completion codes.

References
----------
.. [1] Amazon Mechanical Turk, How Mechanical Turk tasks are rendered.
.. [2] Sona Systems, Using the SURVEY CODE feature.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Panel:
    """Parameters that a panel writes into a link, and the panel's address for completion codes."""

    participant: str | None
    keep: tuple[str, ...] = ()
    link: str | None = None


PANELS = {
    "prolific": Panel(
        "PROLIFIC_PID",
        ("STUDY_ID", "SESSION_ID"),
        "https://app.prolific.com/submissions/complete?cc={code}",
    ),
    "mturk": Panel("workerId", ("assignmentId", "hitId")),
    "sona": Panel("id"),
    "cloudresearch": Panel("participantId", ("assignmentId", "projectId")),
    "surveycircle": Panel(None),
}
"""Panels by the names that a study file calls them."""
