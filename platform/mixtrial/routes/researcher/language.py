"""``/api/language``: set the language of the researcher's pages in this browser."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mixtrial.language.known import LANGUAGE_COOKIE, languages
from mixtrial.routes.requests import read_body, refusal, with_cookie
from mixtrial.server.headers import DASHBOARD, is_foreign
from mixtrial.server.public_address import public_address

MAX_CHOICE_BYTES = 4 * 1024
REMEMBERED_S = 365 * 24 * 3600


async def choose_language(request: Request) -> Response:
    """Let the browser store a language, and return to the page where it was chosen."""
    if is_foreign(request.headers):
        return refusal(403, "The language can be chosen only from mixtrial's own pages.")
    raw = await read_body(request, MAX_CHOICE_BYTES)
    if raw is None:
        return refusal(413, "The message is too large.")
    said = parse_qs(raw.decode("utf-8", "replace"))
    language, query = (said.get(name, [""])[0] for name in ("language", "query"))
    if language not in languages():
        return refusal(400, f"There is no such language; choose {', '.join(languages())}.")
    again = urlencode(parse_qsl(query, keep_blank_values=True))
    address = public_address().outer(DASHBOARD) + (f"?{again}" if again else "")
    response = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
    return with_cookie(response, request, LANGUAGE_COOKIE, language, REMEMBERED_S)
