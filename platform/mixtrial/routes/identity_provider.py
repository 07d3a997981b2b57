"""The two routes for signing in through an identity provider, which set the dashboard's cookie.

``GET /api/oidc/login`` sends the browser to the provider; ``GET /api/oidc/callback`` receives the
provider's answer. Both routes of the sign-in answer 404 if no provider is set (see
:mod:`mixtrial.server.settings`).
"""

from __future__ import annotations

import hmac
import logging
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from mixtrial.routes.requests import is_https, refusal, to_dashboard, with_session
from mixtrial.server.identity_provider import (
    FLOW_DURATION_S,
    OidcError,
    authorization_url,
    new_flow,
    sealed,
    signed_in_as,
    unsealed,
)
from mixtrial.server.installation import current_installation
from mixtrial.server.limits import AttemptLimit, network_of
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import begin_session

FLOW_COOKIE = "mixtrial_oidc"
FLOW_PATH = "/api/oidc"
MAX_CODE_SIGNS = 4096

logger = logging.getLogger(__name__)


@cache
def callback_limit() -> AttemptLimit:
    """Counter of failed sign-ins through the provider; this process has only one such counter."""
    return AttemptLimit()


async def oidc_login(request: Request) -> Response:
    """Send the browser to the provider, with a cookie that identifies the browser on its return."""
    settings = (await run_in_threadpool(current_installation)).settings
    if settings.oidc is None:
        return refusal(404, "No identity provider is set up.")
    flow = new_flow()
    try:
        address = await run_in_threadpool(authorization_url, settings.oidc, flow)
    except OidcError as error:
        logger.warning("sign-in: %s", error)
        return to_dashboard("provider")
    response = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        FLOW_COOKIE,
        sealed(flow, settings.secret),
        max_age=FLOW_DURATION_S,
        path=public_address().outer(FLOW_PATH),
        httponly=True,
        samesite="lax",  # the cookie must be sent when the provider redirects the browser back
        secure=is_https(request),
    )
    return response


async def oidc_callback(request: Request) -> Response:
    """Check the provider's answer in the browser's request; set the dashboard's cookie."""
    installation = await run_in_threadpool(current_installation)
    settings = installation.settings
    if settings.oidc is None:
        return refusal(404, "No identity provider is set up.")
    flow = unsealed(request.cookies.get(FLOW_COOKIE), settings.secret)
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    known = flow is not None and hmac.compare_digest(state.encode(), flow.state.encode())
    if flow is None or not known or not code or len(code) > MAX_CODE_SIGNS:
        return _ended(to_dashboard("again"))
    who = network_of(request.scope.get("client"))
    if not callback_limit().take(who):
        return _ended(to_dashboard("wait"))
    try:
        name = await run_in_threadpool(signed_in_as, settings.oidc, flow, code)
    except OidcError as error:
        logger.warning("sign-in: %s", error)
        return _ended(to_dashboard("refused"))
    callback_limit().give_back(who)
    cookie = await run_in_threadpool(begin_session, installation, f"oidc.{name}")
    return _ended(with_session(to_dashboard(), request, cookie))


def _ended(response: Response) -> Response:
    """Remove the sign-in's cookie, because a code of the provider is valid for only one attempt."""
    response.delete_cookie(
        FLOW_COOKIE, path=public_address().outer(FLOW_PATH), httponly=True, samesite="lax"
    )
    return response


OIDC_ROUTES: list[Route] = [
    Route("/api/oidc/login", oidc_login, methods=["GET"]),
    Route("/api/oidc/callback", oidc_callback, methods=["GET"]),
]
