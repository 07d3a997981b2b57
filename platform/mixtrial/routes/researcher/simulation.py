"""Routes for simulated participants over HTTP; the routes need the dashboard's cookie.

Real participants use Streamlit's pages, which a simple client cannot use. The routes of this module
do the same as Streamlit's pages, with the same code, but only for **simulated** participants.
Ratings and audio of simulated participants use the real routes.

==========================================  ======================================================
``POST /api/admin/bots``                    comes in and agrees; token, number, the study's hash
``POST /api/admin/bots/{token}``            answers group, device, volume; the pages of the plan
``GET /api/admin/bots/{token}``             the pages of the plan, as answers have settled them
``POST /api/admin/bots/{token}/{page}``     opens a page; ``epoch`` and ``seq`` of the saves to come
``POST /api/admin/bots/{token}/finish``     comes to the end; the completion code
==========================================  ======================================================
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.records.errors import StoreUnavailableError, UnknownParticipantError
from db.records.participation import Participant
from mixtrial.participation.enrolment import answer_questionnaire, enrol
from mixtrial.routes.requests import read_body, refusal
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in
from mixtrial.simulation.doors import CameIn, Finished, OpenedPage, PlannedPage, PlannedPages
from mixtrial.simulation.in_process import CONSENT_VERSION
from mixtrial.simulation.questionnaire_answers import simulated_answers
from mixtrial.simulation.rehearsal import RehearsalOverError, refuse_beside_real

MAX_BOT_BYTES = 4 * 1024
MAX_PAGE_INDEX = 10_000

# PostgreSQL cannot store the null character in a text.
Choice = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class BotAnswers(BaseModel):
    """Data that a simulated participant gives about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: Choice
    device: Choice
    volume: Annotated[float, Field(strict=True, ge=0.0, le=1.0, allow_inf_nan=False)]


Work = Callable[[Installation, Request, bytes], CameIn | PlannedPages | OpenedPage | Finished]


def _door(work: Work) -> Callable[[Request], Awaitable[Response]]:
    """Handler that admits only the programs of signed-in researchers."""

    async def handle(request: Request) -> Response:
        installation = await run_in_threadpool(current_installation)
        cookie = request.cookies.get(SESSION_COOKIE)
        if is_foreign(request.headers) or not await run_in_threadpool(
            is_signed_in, installation, cookie
        ):
            return refusal(403, "Sign in to the dashboard first.")
        raw = await read_body(request, MAX_BOT_BYTES)
        if raw is None:
            return refusal(413, "The message is too large.")
        try:
            content = await run_in_threadpool(work, installation, request, raw)
        except ValidationError:
            return refusal(400, "The message must have group, device and volume.")
        except UnknownParticipantError as error:
            return refusal(404, str(error))
        except RehearsalOverError as error:
            return refusal(409, str(error))
        except StoreUnavailableError as error:
            return refusal(503, str(error), {"Retry-After": "3"})
        return JSONResponse(asdict(content), headers={"Cache-Control": "no-store"})

    return handle


def _come_in(installation: Installation, _request: Request, _raw: bytes) -> CameIn:
    """Enrol a simulated participant who consents; return the participant's link."""
    refuse_beside_real(installation)
    participant = enrol(installation, "simulated")
    installation.store.record_consent(participant.token, CONSENT_VERSION, True)
    return CameIn(participant.token, participant.index, installation.study.fingerprint)


def _answer(installation: Installation, request: Request, raw: bytes) -> PlannedPages:
    """Store the answers to the questionnaire; return the pages of the plan."""
    answers = BotAnswers.model_validate_json(raw)
    bot = _bot(installation, request)
    token = bot.token
    said = simulated_answers(installation.study, bot.index, answers.group, answers.device)
    answered = answer_questionnaire(installation, token, answers.group, answers.device, said)
    installation.store.record_volume(token, answers.volume)
    return _planned(answered)


def _look(installation: Installation, request: Request, _raw: bytes) -> PlannedPages:
    """Answer with the pages of a simulated participant."""
    return _planned(_bot(installation, request))


def _planned(participant: Participant) -> PlannedPages:
    return PlannedPages(
        tuple(
            PlannedPage(
                index=page.index,
                phase=page.phase,
                song=page.song,
                part=page.part,
                type=page.page_type,
                systems=tuple(slot.system for slot in page.rated_slots),
                references=tuple(slot.system for slot in page.open_slots),
                audio=tuple(slot.audio_token for slot in page.slots),
            )
            for page in participant.pages
        )
    )


def _open(installation: Installation, request: Request, _raw: bytes) -> OpenedPage:
    """Open a page; answer with the page's epoch and the last stored ``seq``."""
    token = _bot(installation, request).token
    page_index = request.path_params["page"]
    if page_index > MAX_PAGE_INDEX:
        raise UnknownParticipantError("This participant has no such page.")
    state = installation.store.page_state(token, page_index)
    return OpenedPage(state.epoch, state.seq)


def _finish(installation: Installation, request: Request, _raw: bytes) -> Finished:
    """End the session; answer with the completion code."""
    return Finished(installation.store.finish(_bot(installation, request).token))


def _bot(installation: Installation, request: Request) -> Participant:
    found = installation.store.find_participant(request.path_params["token"])
    if found is None or found.kind != "simulated" or found.study != installation.study.identifier:
        raise UnknownParticipantError("No simulated participant has this token.")
    return found


BOT_ROUTES: list[Route] = [
    Route("/api/admin/bots", _door(_come_in), methods=["POST"]),
    Route("/api/admin/bots/{token}", _door(_answer), methods=["POST"]),
    Route("/api/admin/bots/{token}", _door(_look), methods=["GET"]),
    Route("/api/admin/bots/{token}/finish", _door(_finish), methods=["POST"]),
    Route("/api/admin/bots/{token}/{page:int}", _door(_open), methods=["POST"]),
]
