"""``/api/autosave``: store the state of a page; docs/architecture.md describes the body."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.records.errors import StoreUnavailableError
from db.records.participation import SaveOutcome
from mixtrial.participation.autosave import AutosaveError, save_together
from mixtrial.participation.link_expiry import LinkExpiredError
from mixtrial.preview.throw_away import open_preview
from mixtrial.routes.player.together import SavesTogether
from mixtrial.routes.rate_limit import counted_message
from mixtrial.routes.requests import refusal
from mixtrial.server.installation import current_installation, loaded_installation

MAX_AUTOSAVE_BYTES = 256 * 1024


REFUSALS: dict[SaveOutcome, tuple[int, str]] = {
    SaveOutcome.UNKNOWN: (404, "This link has no such page."),
    SaveOutcome.MISMATCH: (400, "The message does not fit the page."),
    SaveOutcome.CLOSED: (409, "This page has been completed."),
    SaveOutcome.NOT_OPEN: (409, "This page is not open yet."),
    SaveOutcome.SUPERSEDED: (409, "This page was continued in another tab."),
}


def _saved_together(messages: Sequence[bytes]) -> list[SaveOutcome | Exception]:
    """Store messages for their participants, in the study or in the study's preview.

    If a message cannot be stored, the result of the message is the error.
    """
    installation = current_installation()
    results = save_together(installation, messages)
    unknown = [place for place, result in enumerate(results) if result is SaveOutcome.UNKNOWN]
    if unknown and (preview := open_preview(installation)) is not None:
        found = save_together(preview, [messages[place] for place in unknown])
        for place, result in zip(unknown, found, strict=True):
            results[place] = result
    return results


def _saved(raw: bytes) -> SaveOutcome:
    """Store one message, and raise its error."""
    [result] = _saved_together([raw])
    if isinstance(result, Exception):
        raise result
    return result


@cache
def saves_together() -> SavesTogether:
    """The only queue of saves in this process."""
    return SavesTogether(_saved_together)


async def _store(raw: bytes) -> SaveOutcome:
    """Store a message, together with waiting messages if the database allows only one writer."""
    installation = loaded_installation()
    if installation is None or not installation.store.has_one_writer:
        return await run_in_threadpool(_saved, raw)
    return await saves_together().store(raw)


async def autosave(request: Request) -> Response:
    """Store the state of a page; docs/architecture.md describes the interface."""
    raw = await counted_message(request, MAX_AUTOSAVE_BYTES)
    if isinstance(raw, Response):
        return raw
    try:
        outcome = await _store(raw)
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
