"""Choice of the page when a participant opens a page, finishes one, or goes back.

The player requests the page by ``POST /api/page`` and draws it. Forms and the end of the survey are
left to the survey's own pages.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.records.errors import UnknownParticipantError
from mixtrial.participation.link_expiry import has_expired
from mixtrial.server.installation import Installation
from mixtrial.visits.between import asks_first, comes_between
from mixtrial.visits.heading import above_rated_page
from mixtrial.visits.rated_page import page_data, page_to_go_back_to
from mixtrial.visits.screens import RATED, screen_for
from mixtrial.visits.spoken import spoken_to
from mixtrial.visits.visit import Visit


class WishError(ValueError):
    """A message that does not request a page; the text describes the fault."""


class Wish(BaseModel):
    """Request of a player: a page to show, the page after it, or the page before it.

    ``page`` is the page on which the request was made, so that a request sent twice turns the page
    only once. ``language`` is the language of a preview.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[str, Field(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    page: Annotated[int, Field(strict=True, ge=0, le=10_000)]
    wish: Literal["open", "next", "back"]
    language: Annotated[str, Field(max_length=20)] | None = None


def read_wish(raw: bytes) -> Wish:
    """Read a message; raise ``WishError`` if the text is not a request for a page."""
    try:
        return Wish.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise WishError(f"{place}: {first['msg']}." if place else first["msg"]) from None


def turned(installation: Installation, wish: Wish) -> dict[str, object]:
    """The newly opened page for a player, and the heading above it.

    ``page`` is None if a form or the end of the survey comes instead.

    Raises
    ------
    UnknownParticipantError
        No participant has this link.
    StoreUnavailableError
        The database cannot be written to.
    """
    visit = _visit(installation, wish.token)
    if wish.wish == "back" and _goes_back(visit, wish.page):
        visit = _visit(installation, wish.token)
    if not _is_rated(visit):
        return {"page": None}
    # If the requested page is already the current page, it was open in another tab. The present
    # request then takes the page over from the other tab.
    is_turning = wish.wish == "next" and visit.participant.page_index != wish.page
    if comes_between(visit) if is_turning else asks_first(visit):
        return {"page": None}
    state = installation.store.open_page(visit.token, visit.page)
    return {"page": page_data(visit, state), "above": asdict(above_rated_page(visit))}


def _visit(installation: Installation, token: str) -> Visit:
    participant = installation.store.find_participant(token)
    if participant is None or participant.study != installation.study.identifier:
        raise UnknownParticipantError("This link does not belong to any participant.")
    return Visit(spoken_to(installation, participant), participant)


def _is_rated(visit: Visit) -> bool:
    """Whether a page of the player comes next; the first page has checked that all mixes exist."""
    installation = visit.installation
    is_over = has_expired(installation.study, visit.participant, datetime.now(UTC))
    is_built = installation.manifest is not None
    return screen_for(visit.participant, True, is_built, is_over) in RATED


def _goes_back(visit: Visit, page: int) -> bool:
    """Go back to the previous page, if requested; return whether the page was turned."""
    earlier = page_to_go_back_to(visit)
    if earlier is None or visit.participant.page_index != page:
        return False
    return visit.installation.store.reopen_page(visit.token, earlier)
