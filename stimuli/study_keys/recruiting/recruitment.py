"""Panels that send participants, and the return to the panels: the key ``recruitment``.

Conventions
-----------
A parameter of the address by which somebody comes is stored with the answers of this person, under
the name of the parameter in small letters. The key ``recruitment`` is not part of the study's
fingerprint, because the key is invisible to participants and does not change the test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from stimuli.study_keys.faults import nearest
from stimuli.study_keys.keys import FilledText, Name, StudyKeys, refuse_repeats
from stimuli.study_keys.questionnaires import ReadyMade
from stimuli.study_keys.recruiting.completion_link import check_completion_link
from stimuli.study_keys.recruiting.panels import PANELS

TAKEN = frozenset({
    "p", "embed", "embed_options", *get_args(ReadyMade),
    "participant", "participant_kind", "group", "arm", "device", "volume", "step", "page_index",
    "finished", "consented", "created_at", "finished_at", "pages_closed", "pages_planned",
    "study_fingerprint", "consent_version", "consented_at", "answers",
})  # fmt: skip
"""Names that addresses, questions and the table of participants have for something else."""


def _parameter(told: str) -> str:
    """Return the name of a parameter; raise ``ValueError`` if it is already in use."""
    if told.lower() in TAKEN or told.lower().startswith("headphones_"):
        raise ValueError(
            f"The parameter name {told!r} is reserved; let the panel use another name."
        )
    return told


def _panel(told: str) -> str:
    """Return the name of a known panel; raise ``ValueError`` for any other name."""
    if told not in PANELS:
        raise ValueError(
            f"There is no panel {told!r} ({', '.join(PANELS)}).{nearest(told, PANELS)} For another "
            "panel, leave the key panel out and name the panel's parameters."
        )
    return told


def _way(told: str) -> str:
    """Return a code or a link; raise ``ValueError`` for any other text."""
    if not _is_code(told) and "://" not in told:
        raise ValueError(f"{told!r} is neither a code (letters, digits, - and _) nor a link.")
    return told


def _is_code(told: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_-]{1,100}", told) is not None


Parameter = Annotated[Name, AfterValidator(_parameter)]
Way = Annotated[FilledText, Field(max_length=2000), AfterValidator(_way)]


@dataclass(frozen=True, slots=True)
class WayBack:
    """Ways back to the panel after a session: a code to type in, a link, both, or neither."""

    code: str | None = None
    link: str | None = None


class Recruitment(StudyKeys):
    """A panel's name or its parameters, and the codes for the three ways to end a session.

    The parameter ``participant`` identifies the person. ``keep`` are further parameters to store.
    ``archive`` names the parameters that ``mixtrial archive`` does not leave out. ``completion``,
    ``screened_out`` and ``returned`` are each a code or a link.
    """

    panel: Annotated[FilledText, AfterValidator(_panel)] | None = None
    participant: Parameter | None = None
    keep: Annotated[tuple[Parameter, ...], Field(max_length=20)] = ()
    completion: Way | None = None
    screened_out: Way | None = None
    returned: Way | None = None
    archive: tuple[Name, ...] = ()

    @property
    def places(self) -> Mapping[str, str]:
        """Each parameter, with the name of the answer under which it is stored."""
        names = (*((self.participant,) if self.participant else ()), *self.keep)
        return {name: name.lower() for name in names}

    @property
    def person(self) -> str | None:
        """Name of the answer that identifies the person; None without such an answer."""
        return self.participant and self.participant.lower()

    @property
    def private(self) -> frozenset[str]:
        """Names of answers that an archive leaves out, with the parameters of all known panels."""
        known = {
            name.lower()
            for panel in PANELS.values()
            for name in (panel.participant or "", *panel.keep)
        }
        return frozenset({*known, *self.places.values()} - {name.lower() for name in self.archive})

    def way_back(self, told: str | None) -> WayBack:
        """Way back to the panel: the link in the study file, or the panel's link with a code."""
        if told is None or not _is_code(told):
            return WayBack(link=told)
        link = PANELS[self.panel].link if self.panel else None
        return WayBack(told, link and link.replace("{code}", quote(told, safe="")))

    @model_validator(mode="before")
    @classmethod
    def _of_its_panel(cls, values: Any) -> Any:
        panel = PANELS.get(str(values.get("panel"))) if isinstance(values, dict) else None
        if panel is None:
            return values
        return {"participant": panel.participant, "keep": panel.keep, **values}

    @model_validator(mode="after")
    def _fits_together(self) -> Recruitment:
        names = [*filter(None, [self.participant]), *self.keep]
        refuse_repeats([name.lower() for name in names], "Two of the parameters to keep are")
        for name in self.archive:
            if name not in names:
                raise ValueError(
                    f"The key archive names {name!r}, which is not a parameter that the study "
                    "keeps."
                )
        for key in ("completion", "screened_out", "returned"):
            told = getattr(self, key)
            if told is not None and not _is_code(told):
                check_completion_link(told, self.places, key)
        return self


PROLIFIC = Recruitment(panel="prolific")
"""Default where a study file names no panel: other panels can be told to use these names."""
