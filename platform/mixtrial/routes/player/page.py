"""``/api/page``: the next page, for the player; docs/architecture.md describes the bodies."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from db.records.errors import StoreUnavailableError, UnknownParticipantError
from mixtrial.preview.throw_away import open_preview
from mixtrial.routes.rate_limit import counted_message
from mixtrial.routes.requests import refusal
from mixtrial.server.installation import current_installation
from mixtrial.visits.turning import WishError, read_wish, turned
from stimuli.study.study import StudyError

MAX_WISH_BYTES = 4 * 1024


def _turned(raw: bytes) -> dict[str, object]:
    """Turn to a page for its participant, in the study or in the study's preview."""
    wish, installation = read_wish(raw), current_installation()
    try:
        return turned(installation, wish)
    except UnknownParticipantError:
        preview = open_preview(installation, wish.language)
        if preview is None:
            raise
        return turned(preview, wish)


async def page(request: Request) -> Response:
    """Open the page that a player requests and return it, or report that a form comes next."""
    raw = await counted_message(request, MAX_WISH_BYTES)
    if isinstance(raw, Response):
        return raw
    try:
        answer = await run_in_threadpool(_turned, raw)
    except (WishError, StudyError) as error:
        # A StudyError means that a preview was requested in a language for which the study has no
        # texts.
        return refusal(400, str(error))
    except UnknownParticipantError as error:
        return refusal(404, str(error))
    except StoreUnavailableError as error:
        return refusal(503, str(error), {"Retry-After": "3"})
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
