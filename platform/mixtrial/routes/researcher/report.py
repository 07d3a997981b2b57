"""``GET /api/admin/report/…``: the report that the dashboard has made, behind its cookie.

The page brings scripts of its own and texts that participants wrote. It is shown in a sandbox: its
scripts run, and belong to no site that has a cookie.
"""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mixtrial.reporting.job.start import MEDIA_TYPES, report_file
from mixtrial.routes.requests import refusal
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import current_installation
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in

SHOWN = (".html", ".svg", ".png")
"""What is shown in the browser; everything else is kept as a file."""

SANDBOX = (
    "sandbox allow-scripts allow-downloads allow-popups allow-modals; default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


async def report_part(request: Request) -> Response:
    """A file of the report."""
    installation = await run_in_threadpool(current_installation)
    cookie = request.cookies.get(SESSION_COOKIE)
    is_in = await run_in_threadpool(is_signed_in, installation, cookie)
    if is_foreign(request.headers) or not is_in:
        return refusal(403, "sign in to the dashboard first")
    path = await run_in_threadpool(report_file, installation, request.path_params["name"])
    if path is None:
        return refusal(404, "there is no such report")
    return FileResponse(
        path,
        media_type=MEDIA_TYPES[path.suffix],
        headers=_headers(path, f"{installation.study.identifier}-{path.name}"),
    )


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
