"""``/api/healthz``: whether the server runs, has its study, and can store saves.

The status is 200 if the server runs, has its study and can store saves; otherwise it is 503. The
body of the answer names the conditions that are false, and the server's log has the reasons. The
route ``/api/healthz`` is for Docker Compose, load balancers and monitors. ``mixtrial serve`` also
waits for the answer of this route.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mixtrial.routes.unavailable_study import RETRY_AFTER_S, UNAVAILABLE
from mixtrial.server.installation import OPENING_ERRORS, current_installation, log_unavailable

NOT_STORED = "answers cannot be stored just now; the server's log says why"


async def healthz(_request: Request) -> Response:
    """Answer with the three conditions; the first request loads the study."""
    try:
        installation = await run_in_threadpool(current_installation)
    except OPENING_ERRORS as error:
        log_unavailable(error)
        return _health(UNAVAILABLE, is_ready=False)
    fault = await run_in_threadpool(installation.store.saving_fault)
    return _health(None if fault is None else NOT_STORED, is_ready=True)


def _health(fault: str | None, is_ready: bool) -> Response:
    held = {"live": True, "ready": is_ready, "writable": fault is None}
    headers = {"Cache-Control": "no-store"}
    if fault is None:
        return JSONResponse({"status": "ok", **held}, headers=headers)
    headers["Retry-After"] = str(RETRY_AFTER_S)
    return JSONResponse({"status": "unavailable", "error": fault, **held}, 503, headers)
