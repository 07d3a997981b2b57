"""The calibration of a seat: its pink noise, and its measured level.

``GET /api/calibration/{key}`` answers with the noise as a WAV file of two channels. ``POST`` to the
same address stores a level, given as JSON (``level_db`` and ``seat``, both texts), and sets the
browser's cookie. The answer is a sentence with the status 200 or 400. The status is 403 if mixtrial
did not make the link.
"""

from __future__ import annotations

import io
import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.records.errors import StoreUnavailableError
from mixing.audio import soundfile
from mixtrial.calibration.pink_noise import noise_of
from mixtrial.calibration.seat import (
    KEPT_S,
    LevelError,
    SeatCalibration,
    calibrate,
    cookie_name,
    is_experimenter,
    level_in,
    sealed,
)
from mixtrial.calibration.words import calibrated_sentence, what_is_wrong
from mixtrial.routes.requests import read_body, refusal, with_cookie
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.language import PARAMETER
from mixtrial.visits.spoken import spoken_to

MAX_BODY_BYTES = 4 * 1024


async def calibration(request: Request) -> Response:
    """Answer with the noise, or store the measured level."""
    if is_foreign(request.headers):
        return refusal(403, "Calibration is possible only from mixtrial's own pages.")
    raw = await read_body(request, MAX_BODY_BYTES)
    if raw is None:
        return refusal(413, "The message is too large.")
    try:
        installation = await run_in_threadpool(current_installation)
        if not is_experimenter(installation, request.path_params["key"]):
            return refusal(403, "This link is not for the calibration of a seat of this study.")
        if request.method != "POST":
            content = await run_in_threadpool(_wav, installation)
            return Response(content, media_type="audio/wav", headers={"Cache-Control": "no-store"})
        asked = request.query_params.get(PARAMETER)
        return await _stored(request, spoken_to(installation, None, asked), raw)
    except StoreUnavailableError as error:
        return refusal(503, str(error), {"Retry-After": "3"})


async def _stored(request: Request, installation: Installation, raw: bytes) -> Response:
    try:
        said = _texts(raw)
        found = await run_in_threadpool(
            calibrate, installation, level_in(said["level_db"]), said["seat"]
        )
    except LevelError as error:
        return refusal(400, what_is_wrong(installation.study, error))
    except (ValueError, KeyError):
        return refusal(400, "The message is not a calibration.")
    return _with_cookie(installation, found, request)


def _texts(raw: bytes) -> dict[str, str]:
    said: Any = json.loads(raw)
    if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
        raise ValueError("Every field of the request must be a text.")
    return said


def _with_cookie(installation: Installation, found: SeatCalibration, request: Request) -> Response:
    sentence = calibrated_sentence(installation.study, found)
    response = JSONResponse({"noted": sentence}, headers={"Cache-Control": "no-store"})
    name, kept = cookie_name(installation), sealed(installation, found)
    return with_cookie(response, request, name, kept, KEPT_S, "lax")


def _wav(installation: Installation) -> bytes:
    noise, file = noise_of(installation), io.BytesIO()
    soundfile.write(file, noise.samples.T, noise.sample_rate, format="WAV", subtype="PCM_24")
    return file.getvalue()


CALIBRATION_ROUTES: list[Route] = [
    Route("/api/calibration/{key}", calibration, methods=["GET", "HEAD", "POST"]),
]
