"""Check and storage of the message with which a browser saves a page automatically (autosave).

Every rating enters a study through this module, for browsers and simulated participants alike. The
message is JSON; docs/architecture.md shows an example.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from db.records.errors import StoreUnavailableError
from db.records.participation import Event, PageToSave, RatingValue, SavedPage, SaveOutcome
from db.records.scale import Scale
from db.records.tracks import Chooser
from mixtrial.participation.headphone_check import is_shut_out
from mixtrial.participation.link_expiry import LinkExpiredError, is_cut_off
from mixtrial.participation.tracks import chooser
from mixtrial.server.installation import Installation
from stimuli.page_types.base import Answers, Part
from stimuli.study.study import StudyError

MAX_RATINGS = 1024
MAX_EVENTS = 4000

MAX_SEQ_STEP = 100_000
"""How far a save's number may lie above the last one stored: a browser that could not save for
eleven hours, and would have 2.5 times a second, is not refused."""

CLOCK_LEEWAY = 1.01
"""How much faster a sound card's clock may run than the server's."""

ROUNDING_LEEWAY_S = 1.0
"""Rounding error that a browser may add: a recording heard to within 0.05 s counts as heard."""

logger = logging.getLogger(__name__)

SlotPosition = Annotated[int, Field(strict=True, ge=0, le=63)]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class AutosaveError(ValueError):
    """A message that cannot be stored; the text describes the fault."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RatingMessage(_Part):
    """One rating in a message; its scale is the scale of the page that the message saves."""

    slot: SlotPosition
    attribute: Annotated[str, Field(min_length=1, max_length=100)]
    value: Finite


class EventMessage(_Part):
    """One action of a participant on the page."""

    t_ms: Annotated[float, Field(strict=True, ge=0.0, le=1e9, allow_inf_nan=False)]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    slot: SlotPosition | None = None
    # PostgreSQL cannot store the null character in a text.
    value: Finite | Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] | None = None


class AutosaveMessage(_Part):
    """State of a page; ``epoch`` (which opening of the page) and then ``seq`` give the order."""

    token: Annotated[str, Field(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    page: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    epoch: Annotated[int, Field(strict=True, ge=1, le=10**6)]
    seq: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    final: Annotated[bool, Field(strict=True)] = False
    ratings: Annotated[tuple[RatingMessage, ...], Field(max_length=MAX_RATINGS)] = ()
    events: Annotated[tuple[EventMessage, ...], Field(max_length=MAX_EVENTS)] = ()

    @model_validator(mode="after")
    def _each_rating_once(self) -> AutosaveMessage:
        keys = [(rating.slot, rating.attribute) for rating in self.ratings]
        if len(set(keys)) < len(keys):
            raise ValueError("The message has two ratings of the same attribute for one stimulus.")
        return self


def read_message(raw: bytes | str) -> AutosaveMessage:
    """Read a message; raise ``AutosaveError`` if the text is not a message.

    The token must be written in the JSON without escape characters, because the server counts saves
    by token before it parses the JSON.
    """
    try:
        message = AutosaveMessage.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise AutosaveError(f"{place}: {first['msg']}." if place else first["msg"]) from None
    if f'"{message.token}"'.encode() not in (raw.encode() if isinstance(raw, str) else raw):
        raise AutosaveError("The token must not contain escaped characters.")
    return message


def heard_shares(message: AutosaveMessage) -> dict[int, float]:
    """For each slot (place of a stimulus), the share of the excerpt that was played, if stated.

    If a message states several shares for a slot, the largest share is used.
    """
    shares: dict[int, float] = {}
    for event in message.events:
        if event.kind == "heard" and event.slot is not None and isinstance(event.value, float):
            shares[event.slot] = max(event.value, shares.get(event.slot, 0.0))
    return shares


def saved_page(message: AutosaveMessage) -> SavedPage:
    """Return the message as a record for the database."""
    return SavedPage(
        token=message.token,
        page_index=message.page,
        epoch=message.epoch,
        seq=message.seq,
        final=message.final,
        ratings=tuple(
            RatingValue(rating.slot, rating.attribute, rating.value) for rating in message.ratings
        ),
        events=tuple(
            Event(event.t_ms, event.kind, event.slot, event.value) for event in message.events
        ),
    )


def save(installation: Installation, raw: bytes | str) -> SaveOutcome:
    """Check a message and store its content.

    Raises
    ------
    AutosaveError
        The message is malformed, it rates something that is not on the page, or it finishes a page
        that is incomplete.
    LinkExpiredError
        The participant's link expired more than an hour ago.
    StoreUnavailableError
        The database cannot be written to.
    """
    message = read_message(raw)
    study = installation.study
    if study.headphones.gate == "required" or study.pages.link_days is not None:
        participant = installation.store.find_participant(message.token)
        if participant is not None and is_shut_out(study, participant):
            return SaveOutcome.NOT_OPEN
        if participant is not None and is_cut_off(study, participant):
            raise LinkExpiredError("This link has expired.")

    def check(page: PageToSave) -> Mapping[str, Scale]:
        part = _part(installation, page)
        fault = _fault(installation, message, page, part)
        if fault is not None:
            raise AutosaveError(fault)
        return part.scales if part.has_ratings else {}

    def follow(page: PageToSave) -> Chooser | None:
        return chooser(installation, page)

    return installation.store.save_page(saved_page(message), check, study.identifier, follow)


def save_together(
    installation: Installation, messages: Sequence[bytes]
) -> list[SaveOutcome | Exception]:
    """Store messages in one transaction; return each message's outcome or its error.

    Each error is an error that :func:`save` can raise for a message. After an unexpected error, the
    whole transaction is undone, and each message is stored in a transaction of its own.
    """
    if len(messages) > 1:
        try:
            with installation.store.together():
                return [_result(installation, raw) for raw in messages]
        except StoreUnavailableError as error:
            return [error] * len(messages)
        except Exception:
            logger.exception("saves that came together are stored one by one")
    results: list[SaveOutcome | Exception] = []
    for raw in messages:
        try:
            results.append(_result(installation, raw))
        except Exception as error:  # a message that fails is answered with its own error
            results.append(error)
    return results


def _result(installation: Installation, raw: bytes) -> SaveOutcome | Exception:
    """The outcome of a message, or its error if nothing of the message was written."""
    try:
        return save(installation, raw)
    except (AutosaveError, LinkExpiredError) as error:
        return error


def _part(installation: Installation, page: PageToSave) -> Part:
    try:
        return installation.study.part(page.part)
    except StudyError as error:
        changed = "The study file was changed after this page was planned."
        raise AutosaveError(f"{error} {changed}") from None


def _fault(
    installation: Installation, message: AutosaveMessage, page: PageToSave, part: Part
) -> str | None:
    """Sentence that says why a message does not fit its page; None if the message fits."""
    if message.seq > page.saved_seq + MAX_SEQ_STEP:
        return f"seq: {message.seq} is no number that follows {page.saved_seq}"
    answers = Answers(
        n_rated=page.n_rated,
        attributes=part.attributes,
        scales=part.scales,
        values={(each.slot, each.attribute): each.value for each in message.ratings},
        is_final=message.final,
        heard=heard_shares(message),
    )
    return part.options.fault(answers) or _impossible_listening(installation, answers, page)


def _impossible_listening(
    installation: Installation, answers: Answers, page: PageToSave
) -> str | None:
    """Error sentence if a message claims more listening time than has passed; None otherwise.

    Recordings play one at a time. The times of simulated participants are artificial and are not
    checked.
    """
    excerpt_s = installation.excerpt_s(page.song)
    if excerpt_s is None or page.is_simulated:
        return None
    heard_s = excerpt_s * sum(answers.heard.values())
    opened_at = page.opened_at or datetime.now(UTC)
    passed_s = (datetime.now(UTC) - opened_at).total_seconds()
    if heard_s <= CLOCK_LEEWAY * passed_s + ROUNDING_LEEWAY_S:
        return None
    fault = f"{heard_s:.1f} s were heard in the {passed_s:.1f} s since the page was opened"
    logger.warning("refused a page of %s (page %d): %s", page.participant, page.index, fault)
    return fault
