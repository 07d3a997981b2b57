"""Whatever is sent that makes no sense: never our fault (below 500), and it changes no row."""

from __future__ import annotations

import hashlib
import json
import math
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.participation.enrolment import enrol
from mixtrial.routes import (
    rate_limit,
    signin,
)
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.limits import AttemptLimit, RateLimit
from route_server import answer_for

# Every route that is mounted, whatever it is called: those that are still to come too.
ADDRESSES = (*sorted({re.sub(r"{[^}]*}", "{}", route.path) for route in ROUTES}), "/api/{}", "/{}")
HEADERS = (
    "range", "if-range", "if-none-match", "origin", "sec-fetch-site", "cookie", "content-type",
    "x-forwarded-proto", "content-length", "host",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A client of the routes, a participant on the training page, and the database behind."""

    client: TestClient
    token: str
    epoch: int
    database: Path

    def fingerprint(self) -> str:
        """Hash of every row of every table."""
        connection = sqlite3.connect(self.database)
        try:
            lines = "\n".join(connection.iterdump())
        finally:
            connection.close()
        return hashlib.sha256(lines.encode()).hexdigest()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A built study and its routes; a fault in them shows as 500, as it would on a server."""
    folder = tmp_path_factory.mktemp("malformed")
    build_stimuli(folder)
    installation = open_installation(write_study(folder))
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    epoch = installation.store.page_state(token, 0).epoch
    limit = AttemptLimit(most=0)  # no attempt is let through: a wrong password costs 0.1 s
    with pytest.MonkeyPatch.context() as patch:
        answer_for(patch, lambda: installation)
        patch.setattr(signin, "login_limit", lambda: limit)
        # what is asked here is what senseless requests do, not how many of them are let in
        patch.setattr(rate_limit, "ADDRESS_AT_ONCE", 10**6)
        patch.setattr(rate_limit, "autosave_limit", lambda: RateLimit(1e6, 10**6))
        app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
        with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
            yield Scene(client, token, epoch, folder / "mixtrial.sqlite")
    installation.store.close()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["\x00", "\ud800", "9" * 400, "=1+1", "../../etc"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
bad_numbers = st.sampled_from([-1, 101, 1e400, -math.inf, math.nan, "5", None, True, [], 10**40])


@st.composite
def spoilt_messages(draw: st.DrawFn) -> dict[str, Any]:
    """A good message (without token and epoch) made bad in one way that the contract names."""
    good: dict[str, Any] = {"page": 0, "seq": 1, "final": False, "ratings": [], "events": []}
    fine = {"slot": 0, "attribute": "overall", "value": 50.0}
    happened = {"t_ms": 1.0, "kind": "play", "slot": 0, "value": None}
    return draw(
        st.one_of(
            bad_numbers.map(lambda bad: good | {"ratings": [fine | {"value": bad}]}),
            bad_numbers.map(lambda bad: good | {"ratings": [fine | {"slot": bad}]}),
            bad_numbers.filter(lambda bad: bad not in (101, True)).map(
                lambda bad: good | {"page": bad}
            ),
            st.just(good | {"ratings": [fine, fine | {"value": 3.0}]}),
            st.integers(4, 63).map(lambda slot: good | {"ratings": [fine | {"slot": slot}]}),
            st.text(max_size=9).map(lambda name: good | {"ratings": [fine | {"attribute": name}]}),
            json_values.map(lambda value: good | {"unknown": value}),
            json_values.filter(lambda value: not isinstance(value, bool)).map(
                lambda value: good | {"final": value}
            ),
            json_values.filter(lambda value: not isinstance(value, list)).map(
                lambda value: good | {"ratings": value}
            ),
            st.text(max_size=9).map(
                lambda kind: good | {"events": [happened | {"kind": kind + " "}]}
            ),
            bad_numbers.filter(lambda bad: bad != 101).map(
                lambda bad: good | {"events": [happened | {"t_ms": bad}]}
            ),
            st.sampled_from([0, -3, 10**9, "1", None, 1.5]).map(lambda bad: good | {"epoch": bad}),
            st.just(good | {"page": 3}),
            st.just(good | {"seq": -1}),
        )
    )


requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]),
        "address": st.sampled_from(ADDRESSES),
        "words": st.lists(
            st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
            | st.sampled_from(["0", "..", "%2e%2e%2f", "x" * 32, "-1", "9" * 30, "ratings", "%00"]),
            min_size=3,
            max_size=3,
        ),
        "headers": st.dictionaries(
            st.sampled_from(HEADERS),
            st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
            | st.sampled_from(["bytes=0-", "bytes=9-1", "bytes=" + "9" * 40 + "-", "-5", "1e9"]),
            max_size=3,
        ),
        "body": st.binary(max_size=120) | json_values.map(lambda value: json.dumps(value).encode()),
    }
)


def send_anything(scene: Scene, request: dict[str, Any], message: dict[str, Any]) -> None:
    """Send one senseless request and one spoilt save; both must be refused, and calmly."""
    address = request["address"].format(*(quote(word, safe="%") for word in request["words"]))
    headers = {name: value for name, value in request["headers"].items() if name != "host"}
    answer = scene.client.request(
        request["method"], address, headers=headers, content=request["body"]
    )
    assert answer.status_code < 500, (request["method"], address, headers, request["body"])
    spoilt = json.dumps({"token": scene.token, "epoch": scene.epoch} | message).encode()
    answer = scene.client.post("/api/autosave", content=spoilt)
    assert answer.status_code in (400, 404, 409), (answer.status_code, spoilt)


def test_six_hundred_senseless_requests_are_refused_and_change_nothing(scene: Scene) -> None:
    """300 of any kind and 300 spoilt saves: none answered with 500 or more, no row changed."""
    before = scene.fingerprint()
    run_many(scene, 300)
    assert scene.fingerprint() == before


@pytest.mark.slow
def test_ten_thousand_senseless_requests_are_refused_and_change_nothing(scene: Scene) -> None:
    """The same with 5,000 of each."""
    before = scene.fingerprint()
    run_many(scene, 5000)
    assert scene.fingerprint() == before


def test_the_same_save_unspoilt_is_stored(scene: Scene) -> None:
    """The saves behind the spoilt ones are good: those were refused for what was spoilt."""
    good = {"token": scene.token, "epoch": scene.epoch, "page": 0, "seq": 1, "final": False}
    ratings = [{"slot": 0, "attribute": "overall", "value": 50.0}]
    events = [{"t_ms": 1.0, "kind": "play", "slot": 0, "value": None}]
    body = json.dumps(good | {"ratings": ratings, "events": events}).encode()
    before = scene.fingerprint()
    assert scene.client.post("/api/autosave", content=body).status_code == 204
    assert scene.fingerprint() != before


def run_many(scene: Scene, n_examples: int) -> None:
    """Have hypothesis invent requests."""

    @settings(max_examples=n_examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(request=requests, message=spoilt_messages())
    def invent(request: dict[str, Any], message: dict[str, Any]) -> None:
        send_anything(scene, request, message)

    invent()
