"""``GET /api/admin/report/…``: the dashboard's report, for browsers with the dashboard's cookie.

The report's page contains its own scripts and texts of participants. The page is shown in a
sandbox: its scripts run, but without access to a cookie of any site. Each link to a figure has a
token instead of a cookie. A token in a link to a figure is valid for one file and some hours. The
links of the report open in new tabs.
"""

from __future__ import annotations

import hmac
import re
import time
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mixtrial.reporting.job.start import MEDIA_TYPES, report_file
from mixtrial.routes.requests import refusal
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import Installation, current_installation
from mixtrial.server.session_cookie import SESSION_COOKIE, SESSION_DURATION_S, is_signed_in

PAGE, PASS = "report.html", "pass"
LINK_TO_FIGURE = re.compile(rb'<a href="(figures/[A-Za-z0-9_-]+\.(?:svg|png|html))">')

SHOWN = (".html", ".svg", ".png")
"""Content shown in the browser; everything else is kept as a file."""

SANDBOX = (
    "sandbox allow-scripts allow-downloads allow-popups allow-modals; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


async def report_part(request: Request) -> Response:
    """A file of the report."""
    installation = await run_in_threadpool(current_installation)
    name = request.path_params["name"]
    cookie = request.cookies.get(SESSION_COOKIE)
    is_in = await run_in_threadpool(is_signed_in, installation, cookie)
    has_pass = _is_genuine(installation, name, request.query_params.get(PASS, ""))
    if (is_foreign(request.headers) or not is_in) and not has_pass:
        return refusal(403, "Sign in to the dashboard first.")
    path = await run_in_threadpool(report_file, installation, name)
    if path is None:
        return refusal(404, "There is no such report.")
    headers = _headers(path, f"{installation.study.identifier}-{path.name}")
    if name == PAGE:
        page = await run_in_threadpool(_with_passes, installation, path)
        return Response(page, media_type=MEDIA_TYPES[path.suffix], headers=headers)
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers=headers)


def _with_passes(installation: Installation, page: Path) -> bytes:
    """The report's page with a token in each of its links to figures."""

    def passed(link: re.Match[bytes]) -> bytes:
        ticket = _pass(installation, link[1].decode(), _period())
        return b'<a href="%b?%b=%b" target="_blank">' % (link[1], PASS.encode(), ticket.encode())

    return LINK_TO_FIGURE.sub(passed, page.read_bytes())


def _is_genuine(installation: Installation, name: str, told: str) -> bool:
    """Whether a token was issued for this file, in the present or the previous time period."""
    given = [_pass(installation, name, _period() - ago) for ago in (0, 1)]
    return told.isascii() and any(hmac.compare_digest(each, told) for each in given)


def _pass(installation: Installation, name: str, period: int) -> str:
    said = f"report.{installation.study.identifier}.{name}.{period}".encode()
    return hmac.digest(installation.settings.secret, said, "sha256")[:16].hex()


def _period() -> int:
    return int(time.time() // SESSION_DURATION_S)


def _headers(path: Path, name: str) -> dict[str, str]:
    kind = "inline" if path.suffix in SHOWN else "attachment"
    return {
        "Content-Disposition": f'{kind}; filename="{name}"',
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


REPORT_ROUTES: list[Route] = [
    Route("/api/admin/report/{name:path}", report_part, methods=["GET", "HEAD"])
]
