"""The sounds of the headphone check, made on request.

``GET /api/headphones/{token}/{attempt}/{trial}`` answers with a WAV file of two channels, because a
mono sum or a lossy codec would remove the difference between the channels.
"""

from __future__ import annotations

import io
import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from db.records.errors import StoreUnavailableError
from mixing.audio import soundfile
from mixtrial.participation.headphone_check import headphone_check_of, trial_sound
from mixtrial.participation.headphone_signals import SAMPLE_RATE
from mixtrial.preview.throw_away import open_preview
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import Installation, current_installation

HEADPHONE_ROUTE = "/api/headphones/{token}/{attempt:int}/{trial:int}"
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


async def headphone_sound(request: Request) -> Response:
    """Answer with the sounds of the participant's current trial; 404 for every other trial."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if is_foreign(request.headers):
        return Response(status_code=403, headers=headers)
    try:
        installation = await run_in_threadpool(current_installation)
        content = await run_in_threadpool(_wav_of_trial, installation, **request.path_params)
    except StoreUnavailableError:
        return Response(status_code=503, headers=headers)
    if content is None:
        return Response(status_code=404, headers=headers)
    return Response(content, media_type="audio/wav", headers=headers)


def _wav_of_trial(installation: Installation, token: str, attempt: int, trial: int) -> bytes | None:
    """WAV file of a trial; None if the participant is not at this trial."""
    participant = installation.store.find_participant(token) if TOKEN.fullmatch(token) else None
    if participant is None and (preview := open_preview(installation)) is not None:
        return _wav_of_trial(preview, token, attempt, trial)
    if participant is None or participant.study != installation.study.identifier:
        return None
    now = headphone_check_of(installation.study, participant)
    if now is None or (now.outcome, now.attempt, len(now.given)) != ("open", attempt, trial):
        return None
    file = io.BytesIO()
    sound = trial_sound(installation.study, participant, attempt, trial)
    soundfile.write(file, sound.T, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
