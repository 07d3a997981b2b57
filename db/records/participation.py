"""Participants, their stimuli and their answers, as the database takes and returns them.

Conventions
-----------
All records are frozen. ``index`` counts participants and pages from 0. ``position`` counts the
stimuli of a page from 0. Times are datetimes in UTC with a time zone. ``t_ms`` is the time in
milliseconds since the browser loaded the page.

Contents, in reading order: the plan (``AssignedSlot``, ``AssignedPage``), its stored form
(``Slot``, ``Page``, ``Participant``), a save of a page (``RatingValue``, ``Event``, ``SavedPage``,
``SaveOutcome``), the state of an opened page (``PageState``), and the permission to hear a file
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
    """A stimulus of a planned page, with the checksum of its audio file, if known.

    A ``reference`` is played openly and not rated. The stimulus ``x`` is a repetition of the first
    or the second stimulus. Participants can hear the stimulus ``x`` and must recognise it. The
    stimuli ``reference`` and ``x`` come after the rated stimuli. A ``compared`` stimulus is shown
    without a name, like the rated stimulus on its page. The answer of the page is stored for the
    rated stimulus, so tables have no rating of the ``compared`` stimulus.
    """

    system: str
    stimulus_sha256: str | None = None
    role: SlotRole = "rated"


@dataclass(frozen=True, slots=True)
class AssignedPage:
    """A page of a plan: a song and its stimuli, in the order of their positions.

    ``replicate`` is 0 for the first page of a song, 1 for the repeated page, and so on. ``part`` is
    the name of a part of the study (empty if the study has no parts). ``page_type`` is the page
    type of the part. ``answers`` is the kind of answers: ratings, or a kind of trial. Choices in
    trials are exported in a separate table.
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
    """A stimulus of a page, and the random token by which the browser can load the stimulus."""

    position: int
    system: str
    audio_token: str
    stimulus_sha256: str | None = None
    role: SlotRole = "rated"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as stored; ``is_closed`` is true after the page was saved for the last time.

    A page has no ``slots`` as long as its stimuli depend on answers not yet given
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
        """Stimuli about which participants answer; an open reference and X are left out."""
        return tuple(slot for slot in self.slots if slot.role in ANSWERED_ROLES)

    @property
    def open_slots(self) -> tuple[Slot, ...]:
        """Stimuli that are played openly and are not rated."""
        return tuple(slot for slot in self.slots if slot.role not in ANSWERED_ROLES)


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant with a secret ``token``; exports use the public ``identifier`` instead.

    ``token`` is the secret text in the participant's link; no export contains the token.
    ``agreed_at`` is the time at which the participant first agreed to take part.
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
    """Public name of the participant with this index: ``P001`` for index 0."""
    return f"P{index + 1:03d}"


@dataclass(frozen=True, slots=True)
class RatingValue:
    """A rating of a stimulus on an attribute, in the units of the attribute's scale."""

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
    """Data about a page that are needed to check a save."""

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

    ``epoch`` is the number that the page got when it was opened. ``seq`` rises with each save of
    the same ``epoch``. With ``epoch`` and ``seq``, saves from reloads, several tabs and late
    messages can be put in order.
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

    ``STORED``: the save was written, or is an exact repetition of a stored save. ``STALE``: the
    save is older than the stored save of the same opening of the page; the browser need not do
    anything. ``SUPERSEDED``: the participant has continued with the page in another tab.
    ``CLOSED``: the final save of the page is stored. ``NOT_OPEN``: the participant has not yet
    reached the page. ``UNKNOWN``: the participant or the page does not exist. ``MISMATCH``: the
    save names a stimulus that the page does not have.
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
    """Content of a page that is opened for the first time or again.

    ``epoch`` is the new number of this opening. Saves during this opening are numbered from ``seq +
    1``. Above ``MAX_SAVED_SEQ``, numbers of saves begin again, so that a large stored number cannot
    block later saves.
    """

    page: Page
    ratings: tuple[RatingValue, ...]
    epoch: int
    seq: int
    final: bool


@dataclass(frozen=True, slots=True)
class AudioGrant:
    """The stimulus that an audio token gives access to, and whether it may be heard now.

    ``token`` is the token of the participant to whom the page belongs. ``hearing`` is the number of
    earlier occurrences of the same stimulus of the same song in the participant's plan.
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
