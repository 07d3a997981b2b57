"""Route that serves a stimulus; the stimuli of a page differ only in their sound.

The random token in the address belongs to one stimulus on one page of one participant. The build
makes all files of a page equal in length and in all properties except the sound. The audio route
refuses to serve a page whose files differ in other properties. A stimulus that a page plays twice
has two files with different dither. All files of a page have the same headers, except ``ETag``,
which is a keyed hash of the token. The audio route sends no ``Last-Modified`` header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from db.records.errors import StoreUnavailableError
from mixtrial.participation.headphone_check import is_shut_out
from mixtrial.participation.link_expiry import is_cut_off
from mixtrial.preview.throw_away import open_preview
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.session_cookie import SESSION_COOKIE, heard_tag, is_signed_in, opaque_tag
from stimuli.study.blind_header import is_blind
from stimuli.study.study import StudyError

CHUNK_BYTES = 256 * 1024
MAX_AGE_S = 6 * 3600
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


class AudioUnavailableError(ValueError):
    """A stimulus that must not or cannot be served."""


@dataclass(frozen=True, slots=True)
class StimulusFile:
    """A served audio file, and its length in bytes."""

    path: Path
    n_bytes: int

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Bytes from ``start`` to ``stop`` (exclusive), in pieces."""
        left = stop - start
        with self.path.open("rb") as file:
            file.seek(start)
            while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
                left -= len(chunk)
                yield chunk


async def audio(request: Request) -> Response:
    """Answer with the stimulus of a token, or with a byte range of the stimulus."""
    token = request.path_params["token"]
    if is_foreign(request.headers):
        return _refusal(403)
    if not TOKEN.fullmatch(token):
        return _refusal(404)
    try:
        installation = await run_in_threadpool(current_installation)
        found = await run_in_threadpool(_stimulus, installation, token)
    except (StoreUnavailableError, AudioUnavailableError):
        return _refusal(503)
    if isinstance(found, int):
        return _refusal(found)
    return _answer(request, found, opaque_tag(installation.blinding_key, token))


def _stimulus(installation: Installation, token: str) -> StimulusFile | int:
    """Return the stimulus of a token, or the status code of a refusal."""
    grant = installation.store.audio_grant(token)
    if grant is None and (preview := open_preview(installation)) is not None:
        return _stimulus(preview, token)
    if grant is None or grant.study != installation.study.identifier:
        return 404
    if not grant.is_open or _is_kept_out(installation, grant.token):
        return 403
    if installation.manifest is None:
        raise AudioUnavailableError("The study is not built.")
    try:
        stimuli = {
            system: installation.manifest.stimulus(grant.song, system)
            for system in grant.page_systems
        }
        paths = [path for each in stimuli.values() for path in installation.manifest.paths(each)]
        lengths = {path.stat().st_size for path in paths}
    except (StudyError, OSError) as error:
        raise AudioUnavailableError("A stimulus of the page is not built.") from error
    if len(lengths) != 1 or not all(map(is_blind, paths)):
        raise AudioUnavailableError("The files of the page would reveal the systems.")
    path = installation.manifest.path(stimuli[grant.system], grant.hearing)
    return StimulusFile(path, lengths.pop())


def _is_kept_out(installation: Installation, token: str) -> bool:
    """Whether a required headphone check or an expired link keeps a participant from the pages."""
    study = installation.study
    if study.headphones.gate != "required" and study.pages.link_days is None:
        return False
    participant = installation.store.find_participant(token)
    if participant is None:
        return True
    return is_shut_out(study, participant) or is_cut_off(study, participant)


async def admin_audio(request: Request) -> Response:
    """Answer a signed-in researcher with the stimulus of a song and a system."""
    song, system = request.path_params["song"], request.path_params["system"]
    return await _for_researcher(request, lambda _: (song, system))


async def heard_audio(request: Request) -> Response:
    """Answer with the stimulus of a tag; the tag hides the system while the study is blind."""
    tag = request.path_params["tag"]

    def behind(installation: Installation) -> tuple[str, str] | None:
        stimuli = () if installation.manifest is None else installation.manifest.stimuli
        named = ((each.song, each.system) for each in stimuli)
        return next(
            (names for names in named if heard_tag(installation.blinding_key, *names) == tag), None
        )

    return await _for_researcher(request, behind)


async def _for_researcher(
    request: Request, named: Callable[[Installation], tuple[str, str] | None]
) -> Response:
    """Answer with the stimulus of the named song and system."""
    installation = await run_in_threadpool(current_installation)
    if is_foreign(request.headers) or not await run_in_threadpool(
        is_signed_in, installation, request.cookies.get(SESSION_COOKIE)
    ):
        return _refusal(403)
    names = await run_in_threadpool(named, installation)
    try:
        if installation.manifest is None or names is None:
            return _refusal(404)
        path = installation.manifest.path(installation.manifest.stimulus(*names))
        file = StimulusFile(path, path.stat().st_size)
    except (StudyError, OSError):
        return _refusal(404)
    return _answer(request, file, opaque_tag(installation.blinding_key, "/".join(names)))


def _refusal(status: int) -> Response:
    return PlainTextResponse("no such audio", status, {"Cache-Control": "no-store"})


def _answer(request: Request, file: StimulusFile, tag: str) -> Response:
    etag = f'"{tag}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"private, max-age={MAX_AGE_S}, immutable",
        "Accept-Ranges": "bytes",
        "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    if asked is None or request.headers.get("if-range", etag) != etag:
        span: tuple[int, int] | None = None
        start, stop = 0, file.n_bytes
    else:
        span = byte_range(asked, file.n_bytes)
        if span == OUTSIDE:
            headers["Content-Range"] = f"bytes */{file.n_bytes}"
            return Response(status_code=416, headers=headers)
        start, stop = span or (0, file.n_bytes)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.n_bytes}"
    headers["Content-Length"] = str(stop - start)
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="audio/flac")
    return StreamingResponse(file.chunks(start, stop), status, headers, media_type="audio/flac")


OUTSIDE = (0, 0)
"""Content of ``byte_range`` for a range of which the file has nothing."""


def byte_range(asked: str, n_bytes: int) -> tuple[int, int] | None:
    """Start and stop (exclusive) of the only range in a ``Range`` header.

    The result is ``OUTSIDE`` if the range is beyond the file. The result is None for a header that
    a server may ignore: another unit, several ranges, or no range.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        return (max(n_bytes - int(last), 0), n_bytes) if int(last) > 0 else OUTSIDE
    if last and int(last) < int(first):
        return None
    stop = min(int(last) + 1, n_bytes) if last else n_bytes
    return (int(first), stop) if int(first) < n_bytes else OUTSIDE
