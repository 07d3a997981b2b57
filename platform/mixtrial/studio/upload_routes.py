"""Uploads by our own routes: streamed to the disk, for signed-in people.

===========================================  ==================================================
``POST /api/studio/{study}/files?name=…``    one file as the body; 200, 400, 403, 404, 409, 413 …
``GET /api/studio/{study}/files/{place}``    one of them, to hear it; 200, 206, 403, 404
``POST /api/studio/{study}/cells?name=…``    one file of a cell, ``RECORDING/SYSTEM/name.wav``
``POST /api/studio/{study}/source?name=…``   one file of another tool's study, or a ZIP of them
===========================================  ==================================================

Every refusal is a sentence, ``{"error": …}``, and leaves no files.
"""

from __future__ import annotations

import errno
import mimetypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from db.whole_files import written_whole
from mixtrial.routes.requests import refusal
from mixtrial.server.headers import is_foreign
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in
from mixtrial.server.settings import SettingsError
from mixtrial.studies.foreign_study import check_source, is_archive, source_place
from mixtrial.studies.study_folder import StudyFolder, study_folder
from mixtrial.studies.uploads import (
    MAX_FILE_BYTES,
    UploadError,
    check_sound,
    place_for,
    place_of_cell,
    too_large,
    uploaded,
)
from mixtrial.studio.running import current_studio

FILES = "/api/studio/{study}/files"
CELLS = "/api/studio/{study}/cells"
SOURCE_FILES = "/api/studio/{study}/source"
DECODED_AT_ONCE = 2
PlaceOf: TypeAlias = Callable[[StudyFolder, str, int | None], Path]
Look: TypeAlias = Callable[[Path, Path, str], None]
_COMING: set[Path] = set()
"""Places that a file is on its way to."""


@cache
def _turns() -> CapacityLimiter:
    """Limit of files decoded at once, because a long file takes hundreds of megabytes."""
    return CapacityLimiter(DECODED_AT_ONCE)


async def upload(request: Request) -> Response:
    """Store one sound file."""
    return await _answered(request, place_for, _look_at_sound)


async def upload_cell(request: Request) -> Response:
    """Store one sound file for a recording and a system, beside the existing files."""
    return await _answered(request, place_of_cell, _look_at_sound)


async def upload_source(request: Request) -> Response:
    """Store one file of another tool's study."""
    return await _answered(request, source_place, check_source)


def _look_at_sound(part: Path, _place: Path, name: str) -> None:
    check_sound(part, name)


async def _answered(request: Request, place_of: PlaceOf, look: Look) -> Response:
    """Store one uploaded file at the given path after a check."""
    if is_foreign(request.headers):
        return refusal(403, "Uploading is possible only from mixtrial's own pages.")
    study = await _signed_in_to(request)
    if isinstance(study, Response):
        return study
    declared, name = request.headers.get("content-length", ""), request.query_params.get("name", "")
    n_bytes = int(declared) if declared.isdecimal() else None
    try:
        place = await run_in_threadpool(place_of, study, name, n_bytes)
        await _taken(request, place, look)
    except UploadError as error:
        return refusal(error.status, str(error))
    except ClientDisconnect:
        return refusal(400, "The file did not arrive completely.")
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        said = "The disk of the server is full." if is_full else NOT_WRITTEN
        return refusal(507 if is_full else 500, said)
    taken = {"name": place.relative_to(study.path).as_posix()}
    return JSONResponse(taken, headers={"Cache-Control": "no-store"})


NOT_WRITTEN = "The file could not be written on the server."


async def _taken(request: Request, place: Path, look: Look) -> None:
    """Write the upload, check it, and move the file to its path."""
    if place in _COMING:
        raise UploadError(409, f"{place.name} is already being uploaded.")
    _COMING.add(place)
    name = place.name.removeprefix(".")
    try:
        with written_whole(place) as part:
            await _write(request, part, name)
            await to_thread.run_sync(look, part, place, name, limiter=_turns())
    finally:
        _COMING.discard(place)
        if is_archive(place):  # by now, the ZIP file has been unpacked
            place.unlink(missing_ok=True)


async def _write(request: Request, part: Path, name: str) -> None:
    n_bytes = 0
    with part.open("wb") as file:
        async for piece in request.stream():
            n_bytes += len(piece)
            if n_bytes > MAX_FILE_BYTES:
                raise UploadError(413, too_large(name))
            await run_in_threadpool(file.write, piece)


async def hear(request: Request) -> Response:
    """One uploaded file, served only as sound."""
    study = await _signed_in_to(request)
    if isinstance(study, Response):
        return study
    wanted = request.path_params["place"]
    for path in await run_in_threadpool(uploaded, study):
        if path.relative_to(study.audio).as_posix() == wanted:
            kind = mimetypes.guess_type(path.name)[0] or ""
            return FileResponse(
                path,
                media_type=kind if kind.startswith("audio/") else "application/octet-stream",
                headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
            )
    return refusal(404, "There is no such file.")


async def _signed_in_to(request: Request) -> StudyFolder | Response:
    """The requested study, for signed-in people; otherwise a refusal."""
    studio = await run_in_threadpool(current_studio)
    cookie = request.cookies.get(SESSION_COOKIE)
    if not await run_in_threadpool(is_signed_in, studio, cookie):
        return refusal(403, "Sign in to the studio first.")
    try:
        return study_folder(studio.folder, request.path_params["study"])
    except SettingsError as error:
        return refusal(404, str(error))


UPLOAD_ROUTES: list[Route] = [
    Route(FILES, upload, methods=["POST"]),
    Route(CELLS, upload_cell, methods=["POST"]),
    Route(SOURCE_FILES, upload_source, methods=["POST"]),
    Route(f"{FILES}/{{place:path}}", hear, methods=["GET"]),
]
