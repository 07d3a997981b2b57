"""Participants, their stimuli and their answers, as inputs and outputs of the database.

Conventions
-----------
All records are frozen. ``index`` counts participants and pages from 0. ``position`` counts the
slots of a page from 0. Times are datetimes in UTC with a time zone. ``t_ms`` counts milliseconds
since the browser loaded the page.

Contents, in reading order: the plan (``AssignedSlot``, ``AssignedPage``), its stored form
(``Slot``, ``Page``, ``Participant``), a save of a page (``RatingValue``, ``Event``, ``SavedPage``,
``SaveOutcome``), the state of an opened page (``PageState``), and the right to hear a file
(``AudioGrant``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from db.records.steps import Phase, Step

ParticipantKind = Literal["participant", "simulated"]
SlotRole = Literal["rated", "compared", "reference", "x"]
RATED: SlotRole = "rated"
ANSWERED_ROLES: tuple[SlotRole, ...] = (RATED, "compared")
"""Roles of slots about which participants answer; other slots are only heard."""

RATINGS = "ratings"
"""Kind of the answers of a page whose answers are values on a scale."""


@dataclass(frozen=True, slots=True)
class AssignedSlot:
    """A stimulus of a planned page; the checksum is that of the served file, if known.

    A ``reference`` is played openly and not rated. A stimulus ``x`` is the same as one of the first
    two slots. A stimulus ``x`` is played openly and must be recognised. The slots ``reference`` and
    ``x`` come after the rated slots. A ``compared`` slot is one of the rated slots and is shown
    without a name. The answer about a ``compared`` slot is stored for the rated slot, so tables
    have no rating of the ``compared`` slot.
    """

    system: str
    stimulus_sha256: str | None = None
    role: SlotRole = "rated"


@dataclass(frozen=True, slots=True)
class AssignedPage:
    """A page of a plan: a song and its stimuli in the order of their slots.

    ``replicate`` is 0 for the first page of a song, 1 for the repeated page, and so on. ``part`` is
    the name of the study's part (empty in a study without parts). ``page_type`` is the page type of
    the part. ``answers`` is the kind of answers: ratings, or a kind of trial. Choices in trials
    have their own table.
    """

    phase: Phase
    song: str
    slots: tuple[AssignedSlot, ...]
    replicate: int = 0
    part: str = ""
    page_type: str = ""
    answers: str = RATINGS


@dataclass(frozen=True, slots=True)
class Slot:
    """A stimulus of a page, with the random token that gives access to the stimulus."""

    position: int
    system: str
    audio_token: str
    stimulus_sha256: str | None = None
    role: SlotRole = "rated"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as stored; ``is_closed`` is true after the final save of the page.

    A page has no ``slots`` until earlier answers have determined its stimuli
    (:mod:`db.records.tracks`).
    """

    index: int
    phase: Phase
    song: str
    replicate: int
    slots: tuple[Slot, ...]
    is_closed: bool = False
    part: str = ""
    page_type: str = ""

    @property
    def rated_slots(self) -> tuple[Slot, ...]:
        """Slots with an answer, without the reference slots after them."""
        return tuple(slot for slot in self.slots if slot.role in ANSWERED_ROLES)

    @property
    def open_slots(self) -> tuple[Slot, ...]:
        """Slots that are played openly and not rated."""
        return tuple(slot for slot in self.slots if slot.role not in ANSWERED_ROLES)


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant, found by ``token``; exports use the public ``identifier`` instead.

    ``token`` is the secret in the participant's link, which no export contains. ``agreed_at`` is
    the time at which the participant first agreed to take part.
    """

    token: str
    study: str
    index: int
    kind: ParticipantKind
    step: Step
    page_index: int
    pages: tuple[Page, ...]
    group: str | None = None
    device: str | None = None
    volume: float | None = None
    completion_code: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    agreed_at: datetime | None = None
    arm: str | None = None

    @property
    def identifier(self) -> str:
        """The public name of a participant, ``P001`` for the first participant of a study."""
        return participant_identifier(self.index)

    @property
    def page(self) -> Page | None:
        """The page that the participant has reached; None if the plan has no pages."""
        return self.pages[self.page_index] if self.page_index < len(self.pages) else None


def participant_identifier(index: int) -> str:
    """Public name of the participant with this index: ``P001`` for the index 0."""
    return f"P{index + 1:03d}"


@dataclass(frozen=True, slots=True)
class RatingValue:
    """A rating of the stimulus in a slot on an attribute, in the units of its scale."""

    slot: int
    attribute: str
    value: float


@dataclass(frozen=True, slots=True)
class Event:
    """An action of a participant on a page, ``t_ms`` after the page was loaded."""

    t_ms: float
    kind: str
    slot: int | None = None
    value: float | str | None = None


@dataclass(frozen=True, slots=True)
class PageToSave:
    """The data about a page with which a save is checked."""

    participant: str
    is_simulated: bool
    index: int
    part: str
    song: str
    n_rated: int
    opened_at: datetime | None
    saved_seq: int


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The state of a page, as a browser sends it.

    ``epoch`` is the number that was issued when the page was opened. ``seq`` rises with each save
    of an epoch. ``epoch`` and ``seq`` together order the saves of reloads, tabs and late messages.
    """

    token: str
    page_index: int
    epoch: int
    seq: int
    final: bool
    ratings: tuple[RatingValue, ...]
    events: tuple[Event, ...] = ()


class SaveOutcome(StrEnum):
    """Outcome of a save.

    ``STORED``: the save was written, or it exactly repeats a stored save. ``STALE``: the save is
    older than the stored save of the same opening of the page, and the browser need not do
    anything. ``SUPERSEDED``: the participant has continued the page in another tab. ``CLOSED``: the
    final save of the page is stored. ``NOT_OPEN``: the participant has not reached the page.
    ``UNKNOWN``: the participant or the page does not exist. ``MISMATCH``: the save names a slot
    that the page does not have.
    """

    STORED = "stored"
    STALE = "stale"
    SUPERSEDED = "superseded"
    CLOSED = "closed"
    NOT_OPEN = "not open"
    UNKNOWN = "unknown"
    MISMATCH = "mismatch"


MAX_SAVED_SEQ = 10**6
"""Highest number of a save in one opening of a page; a new opening begins again with 1."""


@dataclass(frozen=True, slots=True)
class PageState:
    """Content of a page when it is opened for the first time or again.

    ``epoch`` is the new number of this opening. Saves of this opening are numbered from ``seq +
    1``. Above ``MAX_SAVED_SEQ``, the numbers of saves begin again, so that a stored number can
    never block later saves.
    """

    page: Page
    ratings: tuple[RatingValue, ...]
    epoch: int
    seq: int
    final: bool


@dataclass(frozen=True, slots=True)
class AudioGrant:
    """The stimulus to which an audio token gives access, and whether it may be heard now.

    ``token`` is the token of the participant to whom the page belongs. ``hearing`` says how often
    the same stimulus of the same song occurs before this slot in the participant's plan.
    """

    study: str
    token: str
    page_index: int
    position: int
    song: str
    system: str
    page_systems: tuple[str, ...]
    stimulus_sha256: str | None
    hearing: int
    is_open: bool
