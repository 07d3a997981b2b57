"""Material for invitations: the study's link as a QR code, and personal links.

The routes, which need the dashboard's cookie, are ``GET /api/admin/qr.png`` and ``.svg``, and
``POST /api/admin/links``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mixtrial.recruiting.personal_links import (
    AddressesError,
    addresses_of_file,
    personal_links,
)
from mixtrial.recruiting.qr_code import MEDIA_TYPES, QrKind, qr_code
from mixtrial.routes.requests import attached, is_https, read_body, refusal
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in

MAX_LIST_BYTES = 2 * 1024 * 1024


async def qr_picture(request: Request) -> Response:
    """The study's link as a QR code."""
    installation = await _for_researcher(request)
    if installation is None:
        return refusal(403, "Sign in to the dashboard first.")
    kind: QrKind = "png" if request.path_params["kind"] == "png" else "svg"
    content = await run_in_threadpool(qr_code, link_of(request), kind)
    name = f"{installation.study.identifier}.{kind}"
    return attached(content, MEDIA_TYPES[kind], name)


async def links_file(request: Request) -> Response:
    """A list of addresses converted to a file of links."""
    installation = await _for_researcher(request)
    if installation is None:
        return refusal(403, "Sign in to the dashboard first.")
    raw = await read_body(request, MAX_LIST_BYTES)
    if raw is None:
        return refusal(413, "The list is too long.")
    try:
        said = await _told_in(request, raw)
        content = await run_in_threadpool(personal_links, installation, link_of(request), said)
    except AddressesError as error:
        return refusal(400, str(error))
    name = f"{installation.study.identifier}-links.csv"
    return attached(content, "text/csv; charset=utf-8", name)


async def _told_in(request: Request, raw: bytes) -> str:
    """Addresses from a form: from its text field, and from its uploaded file.

    Raises
    ------
    AddressesError
        The request's body is not a form with addresses, or the form's file is not text.
    """

    async def body() -> AsyncGenerator[bytes, None]:
        yield raw

    if not request.headers.get("content-type", "").startswith("multipart/"):
        return parse_qs(raw.decode("utf-8", "replace")).get("addresses", [""])[0]
    try:
        form = await MultiPartParser(
            request.headers, body(), max_files=1, max_fields=1, max_part_size=MAX_LIST_BYTES
        ).parse()
    except (MultiPartException, KeyError):
        raise AddressesError("This is not a list of addresses.") from None
    said, file = form.get("addresses", ""), form.get("list")
    content = await file.read() if isinstance(file, UploadFile) else b""
    await form.close()
    return "\n".join([str(said), *addresses_of_file(content)])


def link_of(request: Request) -> str:
    """Address of the survey, with the host name of the request to the dashboard."""
    scheme = "https" if is_https(request) else "http"
    return f"{scheme}://{request.headers.get('host', '')}{public_address().outer('/')}"


async def _for_researcher(request: Request) -> Installation | None:
    installation = await run_in_threadpool(current_installation)
    cookie = request.cookies.get(SESSION_COOKIE)
    is_in = await run_in_threadpool(is_signed_in, installation, cookie)
    return installation if is_in and not is_foreign(request.headers) else None


RECRUITING_ROUTES: list[Route] = [
    Route("/api/admin/qr.{kind}", qr_picture, methods=["GET"]),
    Route("/api/admin/links", links_file, methods=["POST"]),
]
