"""Sign-in through an identity provider: a real provider's answers, and everything that is wrong."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from harbour_study import open_installation, write_study
from mixtrial.routes import identity_provider
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.identity_provider import (
    FLOW_DURATION_S,
    OidcSettings,
    new_flow,
    sealed,
    unsealed,
)
from mixtrial.server.installation import Installation
from mixtrial.server.limits import AttemptLimit
from mixtrial.server.session_cookie import SESSION_COOKIE
from mixtrial.server.settings import SettingsError, settings_from_environment
from route_server import answer_for

CLIENT, CLIENT_SECRET = "mixtrial", "between us: & %"
REDIRECT = "http://testserver/api/oidc/callback"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """A small identity provider on loopback, which checks what a provider has to check."""

    def __init__(self, host: str = "127.0.0.1", redirect: str = REDIRECT) -> None:
        self.redirect = redirect
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.key, self.header, self.algorithm = KEY, {"kid": "one"}, "RS256"
        self.described: dict[str, Any] = {}
        self.token_status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answers = {
                    "/.well-known/openid-configuration": server.description(),
                    "/keys": server.keys(),
                }
                if self.path in answers:
                    self.answer(200, answers[self.path])
                    return
                # a researcher whom the provider knows already is sent back at once
                code = server.authorize(f"{server.issuer}{self.path}")
                (state,) = parse_qs(urlsplit(self.path).query)["state"]
                self.send_response(302)
                self.send_header("location", f"{server.redirect}?code={code}&state={state}")
                self.send_header("content-length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"])).decode()
                given = {key: values[0] for key, values in parse_qs(raw).items()}
                self.answer(*server.token(given, self.headers["authorization"]))

            def answer(self, status: int, content: Any) -> None:
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("location", f"{server.issuer}/elsewhere")
                body = json.dumps(content).encode()
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://{host}:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def description(self) -> dict[str, Any]:
        """The provider's description of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.described,
        }

    def keys(self) -> dict[str, Any]:
        """The provider's public key."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, location: str) -> str:
        """Let a researcher sign in on the page at ``location``; the code they bring back."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.issuer}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == self.redirect
        assert "openid" in asked["scope"].split()
        self.codes[f"code-{len(self.codes)}"] = asked
        return f"code-{len(self.codes) - 1}"

    def token(self, given: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Answer of the token endpoint, to a code that was issued for this client and verifier."""
        if self.token_status != 200:
            return self.token_status, {}
        asked = self.codes.pop(given["code"], None)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or pair != "mixtrial:between%20us%3A%20%26%20%25"
            or given["redirect_uri"] != self.redirect
            or challenge != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1234",
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "nonce": asked["nonce"],
            "email": "Ada@Example.org",
            "email_verified": True,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        key: Any = self.key if self.algorithm == "RS256" else "x" * 32
        key = None if self.algorithm == "none" else key
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers=self.header)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An identity provider."""
    started = Provider()
    yield started
    started.http.shutdown()
    started.http.server_close()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A study with its archive."""
    opened = open_installation(write_study(tmp_path_factory.mktemp("oidc")))
    yield opened
    opened.store.close()


@pytest.fixture
def client(
    study: Installation, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A browser before a server that trusts the provider, and Ada."""
    trusted = OidcSettings(
        provider.issuer, CLIENT, REDIRECT, frozenset({"ada@example.org"}), CLIENT_SECRET
    )
    installation = dataclasses.replace(
        study, settings=dataclasses.replace(study.settings, oidc=trusted)
    )
    limit = AttemptLimit()
    answer_for(monkeypatch, lambda: installation)
    answer_for(monkeypatch, lambda: installation)
    monkeypatch.setattr(identity_provider, "callback_limit", lambda: limit)
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
    with TestClient(app, follow_redirects=False) as opened:
        yield opened


def sign_in(client: TestClient, provider: Provider, **changes: str) -> str:
    """Go to the provider and back, with a changed way back if wished; where it ends."""
    there = client.get("/api/oidc/login")
    assert there.status_code == 303
    location = there.headers["location"]
    (state,) = parse_qs(urlsplit(location).query)["state"]
    back = {"state": state, "code": provider.authorize(location), **changes}
    answer = client.get("/api/oidc/callback", params=back, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 303
    return answer.headers["location"]


def is_in(client: TestClient) -> bool:
    """Whether the dashboard's downloads open."""
    return client.get("/api/admin/ratings.csv").status_code == 200


def test_who_is_on_the_list_comes_in_and_the_cookie_is_well_kept(
    client: TestClient, provider: Provider
) -> None:
    """The address counts whatever its case; the session is the one of the password."""
    assert sign_in(client, provider) == "/admin"
    assert is_in(client)
    assert identity_provider.FLOW_COOKIE not in client.cookies
    assert SESSION_COOKIE in client.cookies


def test_the_way_to_the_provider_keeps_its_secrets(client: TestClient) -> None:
    """The verifier and our client secret stay here; the cookie is out of scripts' reach."""
    answer = client.get("/api/oidc/login")
    cookie = answer.headers["set-cookie"]
    verifier = cookie.partition("=")[2].split(".")[2]
    assert {"HttpOnly", "SameSite=lax", "Path=/api/oidc"} <= set(cookie.split("; "))
    assert verifier not in answer.headers["location"]
    assert "between" not in answer.headers["location"]


def test_a_subject_can_be_listed_where_no_address_is_verified(
    client: TestClient, provider: Provider, study: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``sub:`` names somebody by the provider's own number."""
    provider.claims = {"email": None, "email_verified": None}
    assert sign_in(client, provider) == "/admin?signin=refused"
    trusted = OidcSettings(
        provider.issuer, CLIENT, REDIRECT, frozenset({"sub:1234"}), CLIENT_SECRET
    )
    installation = dataclasses.replace(
        study, settings=dataclasses.replace(study.settings, oidc=trusted)
    )
    answer_for(monkeypatch, lambda: installation)
    assert sign_in(client, provider) == "/admin"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@example.org"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None, "sub": "ada@example.org"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["mixtrial", "another-client"]},
        {"aud": ["mixtrial", "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_for_somebody_or_something_else_opens_nothing(
    client: TestClient, provider: Provider, claims: dict[str, Any]
) -> None:
    """Every claim that has to be right is asked for."""
    provider.claims = claims
    assert sign_in(client, provider) == "/admin?signin=refused"
    assert not is_in(client)


def test_only_the_providers_own_key_and_a_real_signature_count(
    client: TestClient, provider: Provider
) -> None:
    """Another key, a key nobody knows, a shared secret and no signature at all are refused."""
    for key, kid, algorithm in (
        (OTHER_KEY, "one", "RS256"),
        (OTHER_KEY, "two", "RS256"),
        (KEY, "one", "HS256"),
        (KEY, "one", "none"),
    ):
        provider.key, provider.header, provider.algorithm = key, {"kid": kid}, algorithm
        assert sign_in(client, provider) == "/admin?signin=refused"
    assert not is_in(client)


def test_a_sign_in_that_was_not_started_here_is_not_taken(
    client: TestClient, provider: Provider
) -> None:
    """Another state, no cookie, a cookie of ours that was altered, and an answer without a code."""
    assert sign_in(client, provider, state="of an attacker") == "/admin?signin=again"
    assert sign_in(client, provider, code="") == "/admin?signin=again"
    client.get("/api/oidc/login")
    client.cookies.clear()
    answer = client.get("/api/oidc/callback", params={"state": "s", "code": "c"})
    assert answer.headers["location"] == "/admin?signin=again"
    assert not is_in(client)


def test_a_code_is_good_for_one_sign_in(client: TestClient, provider: Provider) -> None:
    """The same way back a second time finds no cookie."""
    there = client.get("/api/oidc/login")
    location = there.headers["location"]
    (state,) = parse_qs(urlsplit(location).query)["state"]
    back = {"state": state, "code": provider.authorize(location)}
    assert client.get("/api/oidc/callback", params=back).headers["location"] == "/admin"
    again = client.get("/api/oidc/callback", params=back)
    assert again.headers["location"] == "/admin?signin=again"


def test_failures_are_limited_as_those_of_the_password_are(
    client: TestClient, provider: Provider
) -> None:
    """After five within five minutes the sixth waits, whatever it brings."""
    provider.claims = {"email": "eve@example.org"}
    for _ in range(5):
        assert sign_in(client, provider) == "/admin?signin=refused"
    provider.claims = {}
    assert sign_in(client, provider) == "/admin?signin=wait"


@pytest.mark.parametrize("status", [302, 400, 500])
def test_a_provider_that_does_not_answer_as_it_should_opens_nothing(
    client: TestClient, provider: Provider, status: int
) -> None:
    """Errors and redirections of the token endpoint: our secret follows nowhere."""
    provider.token_status = status
    assert sign_in(client, provider) == "/admin?signin=refused"


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(
    client: TestClient, provider: Provider, described: dict[str, Any]
) -> None:
    """Another issuer, plain http and other schemes are refused."""
    provider.described = described
    answer = client.get("/api/oidc/login")
    assert answer.headers["location"] == "/admin?signin=provider"


def test_without_a_provider_both_doors_are_shut(
    study: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off by default: 404."""
    answer_for(monkeypatch, lambda: study)
    with TestClient(Starlette(routes=ROUTES)) as opened:
        for door in ("login", "callback"):
            assert opened.get(f"/api/oidc/{door}").status_code == 404


def test_the_cookie_of_a_flow_ends_and_cannot_be_written() -> None:
    """Ten minutes, our key only, and any text at all is just no flow."""
    flow = new_flow(now_s=1000.0)
    cookie = sealed(flow, b"k" * 32)
    assert unsealed(cookie, b"k" * 32, now_s=1000.0 + FLOW_DURATION_S - 1) == flow
    assert unsealed(cookie, b"k" * 32, now_s=1000.0 + FLOW_DURATION_S) is None
    assert unsealed(cookie, b"x" * 32, now_s=1001.0) is None
    for text in (None, "", "a.b.c.d.e", "....", "é.b.c.1.e", cookie.replace(flow.state, "other")):
        assert unsealed(text, b"k" * 32, now_s=1001.0) is None


def environment(**changes: str) -> dict[str, str]:
    """Settings of a server with an identity provider."""
    names = {
        "ISSUER": "https://id.example.org",
        "CLIENT_ID": CLIENT,
        "CLIENT_SECRET": CLIENT_SECRET,
        "REDIRECT_URL": "https://listening.example.org/api/oidc/callback",
        "ALLOWED": "Ada@example.org, sub:AbC",
    }
    told = {f"MIXTRIAL_OIDC_{key}": value for key, value in {**names, **changes}.items()}
    return {"MIXTRIAL_STUDY": "study.yaml", **told}


def test_the_provider_comes_from_the_environment_and_its_secret_does_not_show() -> None:
    """All five variables are read; printed settings do not hold the secret."""
    settings = settings_from_environment(environment())
    assert settings.oidc is not None
    assert settings.oidc.allowed == {"ada@example.org", "sub:AbC"}
    assert CLIENT_SECRET not in repr(settings)
    assert settings.secret == settings_from_environment(environment()).secret


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ALLOWED": ""}, "also needs MIXTRIAL_OIDC_ALLOWED"),
        ({"CLIENT_SECRET": " "}, "also needs MIXTRIAL_OIDC_CLIENT_SECRET"),
        ({"ISSUER": "http://id.example.org"}, "MIXTRIAL_OIDC_ISSUER must begin with https"),
        ({"REDIRECT_URL": "listening"}, "MIXTRIAL_OIDC_REDIRECT_URL must begin with https"),
    ],
)
def test_half_a_provider_is_refused_in_a_sentence(changes: dict[str, str], sentence: str) -> None:
    """A list that is missing would let everybody in; plain http would show the secret."""
    with pytest.raises(SettingsError, match=sentence):
        settings_from_environment(environment(**changes))


def test_the_sign_in_page_leads_to_the_provider(
    study: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link beside the password's form, with the provider's host."""
    from mixtrial.dashboard import signin

    drawn: list[str] = []
    monkeypatch.setattr(signin.st, "html", drawn.append)
    monkeypatch.setattr(signin.st, "query_params", {"signin": "refused"})
    trusted = settings_from_environment(environment()).oidc
    settings = dataclasses.replace(study.settings, oidc=trusted)
    signin.draw_signin(dataclasses.replace(study, settings=settings))
    assert 'href="/api/oidc/login">Sign in with id.example.org</a>' in drawn[0]
    assert 'type="password"' in drawn[0]
    assert "whether you are on the list" in drawn[0]
