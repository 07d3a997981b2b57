"""``/api/autosave``: store the state of a page; docs/architecture.md describes the body."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.records.errors import StoreUnavailableError
from db.records.participation import SaveOutcome
from mixtrial.participation.autosave import AutosaveError, save
from mixtrial.participation.link_expiry import LinkExpiredError
from mixtrial.preview.throw_away import open_preview
from mixtrial.routes.rate_limit import counted_message
from mixtrial.routes.requests import refusal
from mixtrial.server.installation import current_installation

MAX_AUTOSAVE_BYTES = 256 * 1024


REFUSALS: dict[SaveOutcome, tuple[int, str]] = {
    SaveOutcome.UNKNOWN: (404, "This link has no such page."),
    SaveOutcome.MISMATCH: (400, "The message does not fit the page."),
    SaveOutcome.CLOSED: (409, "This page has been completed."),
    SaveOutcome.NOT_OPEN: (409, "This page is not open yet."),
    SaveOutcome.SUPERSEDED: (409, "This page was continued in another tab."),
}


def _saved(raw: bytes) -> SaveOutcome:
    """Store a message for its participant, in the study or in a preview of it."""
    installation = current_installation()
    outcome = save(installation, raw)
    if outcome is SaveOutcome.UNKNOWN and (preview := open_preview(installation)) is not None:
        return save(preview, raw)
    return outcome


async def autosave(request: Request) -> Response:
    """Store the state of a page; docs/architecture.md describes the interface."""
    raw = await counted_message(request, MAX_AUTOSAVE_BYTES)
    if isinstance(raw, Response):
        return raw
    try:
        outcome = await run_in_threadpool(_saved, raw)
    except AutosaveError as error:
        return refusal(400, str(error))
    except LinkExpiredError as error:
        return refusal(410, str(error), reason="expired")
    except StoreUnavailableError as error:
        return refusal(503, str(error), {"Retry-After": "3"})
    if outcome in REFUSALS:
        status, sentence = REFUSALS[outcome]
        return refusal(status, sentence, reason=outcome.value)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
