"""Sign-in to the dashboard through an identity provider (OpenID Connect), if one is set.

Conventions
-----------
The authorization code flow with PKCE. During the sign-in, for at most ten minutes, the browser
keeps a signed, ``HttpOnly`` cookie with the sign-in's secrets: ``state``, ``nonce`` and the PKCE
verifier. The identity token's signature, issuer, audience, times and nonce are checked; only
asymmetric signatures are accepted. The list of allowed people contains e-mail addresses, which the
provider must have verified, or subjects (``sub:…``).

References
----------
OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3; RFC 7636 (PKCE); RFC 9700 (security practice).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

FLOW_DURATION_S = 600
TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 1024 * 1024
CLOCK_LEEWAY_S = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
WELL_KNOWN = "/.well-known/openid-configuration"
DESCRIPTION_KEPT_S = 600


class OidcError(ValueError):
    """A sign-in that cannot continue; the message is one sentence for the server's log."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Settings agreed with the provider; ``allowed`` are e-mail addresses or ``sub:…``."""

    issuer: str
    client_id: str
    redirect_url: str
    allowed: frozenset[str]
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """Random secrets of one sign-in, and the time when the sign-in expires."""

    state: str
    nonce: str
    verifier: str
    ends_s: int


def new_flow(now_s: float | None = None) -> Flow:
    """Generate the random secrets of one sign-in."""
    moment = time.time() if now_s is None else now_s
    drawn = (secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    return Flow(*drawn, int(moment) + FLOW_DURATION_S)


def sealed(flow: Flow, secret: bytes) -> str:
    """Value of the cookie that keeps the secrets of a sign-in, with our signature."""
    claim = f"{flow.state}.{flow.nonce}.{flow.verifier}.{flow.ends_s}"
    return f"{claim}.{_seal(claim, secret)}"


def unsealed(cookie: str | None, secret: bytes, now_s: float | None = None) -> Flow | None:
    """Return the sign-in of a cookie; None if the cookie is not ours or has expired."""
    if not cookie or not cookie.isascii() or cookie.count(".") != 4:
        return None
    claim, _, seal = cookie.rpartition(".")
    if not hmac.compare_digest(_seal(claim, secret), seal):
        return None
    state, nonce, verifier, ends_s = claim.split(".")
    moment = time.time() if now_s is None else now_s
    return Flow(state, nonce, verifier, int(ends_s)) if moment < int(ends_s) else None


def _seal(claim: str, secret: bytes) -> str:
    return hmac.digest(secret, f"oidc.{claim}".encode(), "sha256").hex()


def authorization_url(settings: OidcSettings, flow: Flow) -> str:
    """Address of the provider's page for a sign-in.

    Raises
    ------
    OidcError
        The provider cannot be reached, or its description names another provider.
    """
    challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": settings.redirect_url,
        "scope": "openid email",
        "state": flow.state,
        "nonce": flow.nonce,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    address = _address(provider(settings), "authorization_endpoint")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def provider(settings: OidcSettings) -> dict[str, object]:
    """Return the provider's own description (OpenID Connect Discovery 1.0).

    Raises
    ------
    OidcError
        The provider cannot be reached, or its description names another issuer.
    """
    return _described(settings.issuer, int(time.time() // DESCRIPTION_KEPT_S))


@lru_cache(maxsize=4)
def _described(issuer: str, _period: int) -> dict[str, object]:
    """Description of a provider, requested once per period; a failure is not cached."""
    found = _fetch(Request(issuer.rstrip("/") + WELL_KNOWN))
    if found.get("issuer") != issuer:
        raise OidcError(f"{issuer} calls itself {found.get('issuer')!r}.")
    return found


def signed_in_as(settings: OidcSettings, flow: Flow, code: str) -> str:
    """Entry for the signed-in person in the list of allowed people.

    Parameters
    ----------
    settings
        Of the provider.
    flow
        The sign-in to which the code belongs.
    code
        Parameters that the provider sent through the browser.

    Raises
    ------
    OidcError
        The provider cannot be reached or refuses the code, the identity token is not valid, or the
        person is not on the list.
    """
    described = provider(settings)
    answer = _fetch(_token_request(settings, _address(described, "token_endpoint"), flow, code))
    keys = _fetch(Request(_address(described, "jwks_uri")))
    claims = _claims(settings, str(answer.get("id_token", "")), keys)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), flow.nonce.encode()):
        raise OidcError("The identity token was made for another sign-in.")
    return _allowed_name(settings, claims)


def _token_request(settings: OidcSettings, address: str, flow: Flow, code: str) -> Request:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": settings.redirect_url,
        "code_verifier": flow.verifier,
    }
    pair = f"{quote(settings.client_id, safe='')}:{quote(settings.client_secret, safe='')}"
    headers = {
        "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    return Request(address, data=urlencode(form).encode(), headers=headers)


def _claims(settings: OidcSettings, token: str, keys: Mapping[str, object]) -> dict[str, object]:
    """Claims of an identity token with valid signature, issuer, audience and times."""
    import jwt

    try:
        known = jwt.PyJWKSet.from_dict(dict(keys)).keys
        name = jwt.get_unverified_header(token).get("kid")
        key = next(key for key in known if name is None or key.key_id == name)
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=settings.client_id,
            issuer=settings.issuer,
            leeway=CLOCK_LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except StopIteration:
        raise OidcError("The identity token is signed with an unknown key.") from None
    except jwt.PyJWTError as error:
        raise OidcError(f"The identity token is not valid: {error}.") from None
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if claims.get("azp", None if several else settings.client_id) != settings.client_id:
        raise OidcError("The identity token was made for another client.")
    return claims


def _allowed_name(settings: OidcSettings, claims: Mapping[str, object]) -> str:
    names = [f"sub:{claims['sub']}"]
    if claims.get("email_verified") is True:
        names.append(str(claims.get("email", "")).lower())
    for name in names:
        if name in settings.allowed:
            return name
    raise OidcError("The person who signed in is not on the list MIXTRIAL_OIDC_ALLOWED.")


def _address(described: Mapping[str, object], name: str) -> str:
    address = str(described.get(name, ""))
    if not is_safe_address(address):
        raise OidcError(f"The provider has no usable {name}.")
    return address


def is_safe_address(address: str) -> bool:
    """Whether an address uses https, or http on this same machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    at_home = host in ("127.0.0.1", "::1", "localhost")
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and at_home))


def _fetch(request: Request) -> dict[str, object]:
    """JSON object in an answer; any failure raises an ``OidcError``."""
    place = request.full_url.partition("?")[0]
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            content = json.loads(answer.read(MAX_ANSWER_BYTES))
    except HTTPError as error:
        error.close()
        raise OidcError(f"{place} answers {error.code}.") from None
    except (OSError, ValueError, HTTPException) as error:
        raise OidcError(f"{place} cannot be used: {error}.") from None
    if not isinstance(content, dict):
        raise OidcError(f"{place} did not answer with a JSON object.")
    return content


class _NoRedirect(HTTPRedirectHandler):
    """URL opener that follows no redirects: our secret is sent only to the agreed address."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse to follow."""
