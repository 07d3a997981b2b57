"""The server's own routes: saving, blind audio, sign-in and downloads."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pedalboard.io import AudioFile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.records.errors import StoreError, StoreUnavailableError
from db.records.participation import Participant, SaveOutcome
from harbour_study import PASSWORD, SYSTEMS, build_stimuli, open_installation, write_study
from mixtrial.participation.autosave import MAX_SEQ_STEP
from mixtrial.participation.enrolment import EnrolmentClosedError, enrol
from mixtrial.routes import signin
from mixtrial.routes.audio import OUTSIDE, byte_range
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.limits import AttemptLimit
from mixtrial.server.session_cookie import SESSION_COOKIE
from route_server import answer_for


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A built study with its archive."""
    folder = tmp_path_factory.mktemp("harbour")
    build_stimuli(folder)
    installation = open_installation(write_study(folder))
    yield installation
    installation.store.close()


@pytest.fixture
def client(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the routes as the server mounts them."""
    limit = AttemptLimit()
    answer_for(monkeypatch, lambda: installation)
    monkeypatch.setattr(signin, "login_limit", lambda: limit)
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
    with TestClient(app, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def participant(installation: Installation) -> Participant:
    """Somebody who stands on the training page."""
    added = enrol(installation)
    installation.store.record_consent(added.token, "v1", True)
    installation.store.record_questionnaire(added.token, "hobbyist", "headphones")
    installation.store.record_volume(added.token, 0.5)
    return added


def message(installation: Installation, participant: Participant, **changes: Any) -> dict[str, Any]:
    """A good autosave message for the training page."""
    good = {
        "token": participant.token,
        "page": 0,
        "epoch": installation.store.page_state(participant.token, 0).epoch,
        "seq": 1,
        "final": False,
        "ratings": [{"slot": 0, "attribute": "overall", "value": 63.0}],
        "events": [{"t_ms": 1234.5, "kind": "switch", "slot": 2, "value": None}],
    }
    return good | changes


def every_rating(installation: Installation) -> list[dict[str, Any]]:
    """Return the ratings of a whole page, as a final save must hold them."""
    return [
        {"slot": slot, "attribute": attribute.name, "value": 63.0}
        for slot in range(len(installation.study.systems))
        for attribute in installation.study.attributes
    ]


def test_the_server_says_that_it_is_up_and_stores_what_is_saved(client: TestClient) -> None:
    """The health route answers ok, and what that means."""
    answer = client.get("/api/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "live": True, "ready": True, "writable": True}


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/api/healthz"),
        ("POST", "/api/autosave"),
        ("GET", f"/api/audio/{'a' * 32}"),
        ("GET", f"/api/headphones/{'a' * 32}/0/0"),
        ("POST", "/api/login"),
        ("GET", "/api/admin/ratings.csv"),
        ("GET", "/api/admin/audio/song0/cnn"),
        ("POST", "/api/admin/bots"),
        ("GET", "/api/oidc/login"),
    ],
)
def test_a_study_that_cannot_be_opened_asks_to_come_again_and_tells_the_log_alone(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    method: str,
    address: str,
) -> None:
    """503 on every route, with no word of the server's database or folders."""

    def no_database() -> Installation:
        raise StoreError("The database postgresql://mixtrial:***@10.0.0.5/x cannot be opened")

    answer_for(monkeypatch, no_database)
    monkeypatch.setattr("mixtrial.server.installation._LOGGED", set())
    answer = client.request(method, address, content=b"{}", follow_redirects=False)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["x-content-type-options"] == "nosniff"
    said = answer.json()["error"]
    assert said == "the study cannot be opened just now; the server's log says why"
    assert "10.0.0.5" not in answer.text
    assert "10.0.0.5" in caplog.text


def test_a_save_is_stored_and_answered_with_nothing(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """204, and rating and event are in the archive."""
    answer = client.post("/api/autosave", json=message(installation, participant))
    assert (answer.status_code, answer.content) == (204, b"")
    state = installation.store.page_state(participant.token, 0, opening=False)
    assert [(r.slot, r.attribute, r.value) for r in state.ratings] == [(0, "overall", 63.0)]


def test_a_browser_that_could_not_save_for_hours_is_not_refused(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """Its numbers rose by 2.5 a second; a number once stored is where the next ones follow."""
    good = message(installation, participant)
    for seq in (MAX_SEQ_STEP, MAX_SEQ_STEP + int(2.5 * 10 * 3600)):
        assert client.post("/api/autosave", json=good | {"seq": seq}).status_code == 204


def test_a_beacon_without_a_content_type_is_stored_too(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """Saves that sendBeacon posts as plain text count."""
    raw = json.dumps(message(installation, participant)).encode()
    headers = {"content-type": "text/plain", "origin": "http://testserver"}
    assert client.post("/api/autosave", content=raw, headers=headers).status_code == 204


def test_refused_saves_have_their_own_status_and_change_nothing(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """400, 404, 409 and 413 each say in a sentence what is wrong."""
    ratings = [{"slot": 0, "attribute": "overall", "value": 1.0}]
    cases = {
        "unknown token": (message(installation, participant, token="x" * 32), 404),
        "unknown page": (message(installation, participant, page=99), 404),
        "page not open": (message(installation, participant, page=2), 409),
        "unknown slot": (
            message(installation, participant, ratings=[ratings[0] | {"slot": 9}]),
            400,
        ),
        "no such attribute": (
            message(installation, participant, ratings=[ratings[0] | {"attribute": "colour"}]),
            400,
        ),
        "above 100": (
            message(installation, participant, ratings=[ratings[0] | {"value": 100.5}]),
            400,
        ),
        "below 0": (message(installation, participant, ratings=[ratings[0] | {"value": -1}]), 400),
        "text for a number": (
            message(installation, participant, ratings=[ratings[0] | {"value": "5"}]),
            400,
        ),
        "rated twice": (message(installation, participant, ratings=ratings * 2), 400),
        "character 0": (
            message(
                installation, participant, events=[{"t_ms": 1.0, "kind": "rate", "value": "a\0b"}]
            ),
            400,
        ),
        "event of no kind": (
            message(installation, participant, events=[{"t_ms": 1.0, "kind": "<b>"}]),
            400,
        ),
        "Unknown key": (message(installation, participant, system="cnn"), 400),
        "epoch never issued": (message(installation, participant, epoch=77), 400),
        "too many ratings": (message(installation, participant, ratings=ratings * 1025), 400),
        "far ahead": (message(installation, participant, seq=MAX_SEQ_STEP + 1), 400),
        "billion": (message(installation, participant, seq=10**9), 400),
    }
    got = {}
    for name, (body, _) in cases.items():
        answer = client.post("/api/autosave", json=body)
        got[name] = answer.status_code
        assert answer.json()["error"], name
    assert got == {name: status for name, (_, status) in cases.items()}
    assert installation.store.page_state(participant.token, 0, opening=False).ratings == ()


def test_a_closed_page_and_a_second_tab_are_told_why(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """409 carries the reason in a word."""
    old = message(installation, participant)
    new = message(installation, participant, seq=1)
    assert client.post("/api/autosave", json=new).status_code == 204
    answer = client.post("/api/autosave", json=old | {"seq": 5})
    assert (answer.status_code, answer.json()["reason"]) == (409, "superseded")
    last = new | {"seq": 2, "final": True, "ratings": every_rating(installation)}
    assert client.post("/api/autosave", json=last).status_code == 204
    answer = client.post("/api/autosave", json=new | {"seq": 3, "ratings": []})
    assert (answer.status_code, answer.json()["reason"]) == (409, "closed")


def test_other_sites_cannot_save_or_sign_in_or_embed(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """403 for a foreign origin, and nothing is stored."""
    evil = {"origin": "https://evil.example"}
    body = message(installation, participant)
    assert client.post("/api/autosave", json=body, headers=evil).status_code == 403
    assert client.post("/api/login", data={"password": PASSWORD}, headers=evil).status_code == 403
    assert client.post("/api/logout", headers=evil).status_code == 403
    address = f"/api/audio/{participant.pages[0].slots[0].audio_token}"
    assert client.get(address, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert installation.store.page_state(participant.token, 0, opening=False).ratings == ()


def test_a_message_over_256_kib_is_refused_whether_or_not_it_says_so(client: TestClient) -> None:
    """413 by the declared length, and by counting where none is declared."""
    assert client.post("/api/autosave", content=b" " * (256 * 1024 + 1)).status_code == 413
    chunks = (b" " * 65_536 for _ in range(5))
    assert client.post("/api/autosave", content=chunks).status_code == 413
    assert client.post("/api/autosave", content=b" " * (256 * 1024)).status_code == 400


def test_a_database_out_of_reach_asks_to_try_again(
    client: TestClient,
    installation: Installation,
    participant: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """503 with Retry-After, so that the browser keeps the message."""

    def locked(*_: object) -> SaveOutcome:
        raise StoreUnavailableError(
            "The database cannot be reached at the moment. Please try again."
        )

    body = message(installation, participant)
    monkeypatch.setattr(type(installation.store), "save_page", locked)
    answer = client.post("/api/autosave", json=body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


def test_a_database_that_was_moved_away_takes_no_save_and_the_health_route_says_so(
    client: TestClient,
    installation: Installation,
    participant: Participant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """503 for the save and for the health route, which tells what still holds; then all is well."""
    monkeypatch.setattr("db.save_watch.INTERVAL_S", 0.0)
    body = message(installation, participant)
    place = Path(installation.settings.database_url.removeprefix("sqlite:///"))
    elsewhere = place.rename(place.with_name("elsewhere.sqlite"))
    refused, health = client.post("/api/autosave", json=body), client.get("/api/healthz")
    elsewhere.rename(place)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "3")
    assert (health.status_code, health.headers["retry-after"]) == (503, "3")
    assert health.json() == {
        "status": "unavailable", "live": True, "ready": True, "writable": False,
        "error": "answers cannot be stored just now; the server's log says why",
    }  # fmt: skip
    assert client.post("/api/autosave", json=body).status_code == 204
    assert installation.store.saving_fault() is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
field_names = st.sampled_from(["token", "page", "epoch", "seq", "final", "ratings", "events"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(raw=st.binary(max_size=200), field=field_names, value=json_values)
def test_malformed_messages_are_never_our_fault(
    client: TestClient,
    installation: Installation,
    participant: Participant,
    raw: bytes,
    field: str,
    value: Any,
) -> None:
    """Any bytes, and any value in any field, get a status below 500."""
    good = {"token": participant.token, "page": 0, "epoch": 1, "seq": 1, "final": False}
    spoilt = json.dumps(good | {field: value})
    assert client.post("/api/autosave", content=raw).status_code == 400
    assert client.post("/api/autosave", content=spoilt).status_code in (204, 400, 404, 409)


def test_nothing_but_the_sound_tells_the_stimuli_of_a_page_apart(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """Equal lengths and headers for all slots of all pages; no name and no date anywhere."""
    for page in participant.pages[:2]:
        answers = [client.get(f"/api/audio/{slot.audio_token}") for slot in page.slots]
        assert {answer.status_code for answer in answers} == {200}
        assert len({len(answer.content) for answer in answers}) == 1
        assert len({answer.content for answer in answers}) == len(SYSTEMS)
        tags = {answer.headers["etag"] for answer in answers}
        assert len(tags) == len(SYSTEMS)
        plain = [
            {name: value for name, value in answer.headers.items() if name != "etag"}
            for answer in answers
        ]
        assert all(headers == plain[0] for headers in plain)
        assert "last-modified" not in plain[0]
        assert plain[0]["cache-control"] == "private, max-age=21600, immutable"
        assert plain[0]["content-disposition"] == "inline"
        assert plain[0]["x-content-type-options"] == "nosniff"
        assert plain[0]["cross-origin-resource-policy"] == "same-origin"
        told = (str(plain) + str(tags)).encode() + b"".join(answer.content for answer in answers)
        assert not [name for name in (*SYSTEMS, "song0", "song1", "song2") if name.encode() in told]


def test_what_is_served_is_the_stimulus_that_was_planned(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """The audio decodes, and its level is the one its system was given."""
    levels = dict(zip(SYSTEMS, (0.1, 0.03, 0.005, 0.001), strict=True))
    for slot in participant.pages[0].slots:
        content = client.get(f"/api/audio/{slot.audio_token}").content
        with AudioFile(io.BytesIO(content)) as file:
            audio = file.read(file.frames)
        assert audio.shape == (2, 22_050)
        assert float(np.sqrt(np.mean(audio**2))) == pytest.approx(levels[slot.system], rel=0.02)


def test_a_stretch_of_a_stimulus_can_be_asked_for(
    client: TestClient, participant: Participant
) -> None:
    """206 with the bytes asked for, 416 outside, 304 for a known tag, HEAD without a body."""
    address = f"/api/audio/{participant.pages[0].slots[0].audio_token}"
    whole = client.get(address)
    n_bytes = len(whole.content)
    part = client.get(address, headers={"range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, whole.content[4:12])
    assert part.headers["content-range"] == f"bytes 4-11/{n_bytes}"
    tail = client.get(address, headers={"range": "bytes=-5"})
    assert tail.content == whole.content[-5:]
    beyond = client.get(address, headers={"range": f"bytes={n_bytes}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{n_bytes}")
    stale = client.get(address, headers={"range": "bytes=4-11", "if-range": '"other"'})
    assert (stale.status_code, len(stale.content)) == (200, n_bytes)
    known = client.get(address, headers={"if-none-match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    head = client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(n_bytes)


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-500", (10, 100)),
        ("bytes=90-", (90, 100)),
        ("bytes=-30", (70, 100)),
        ("bytes=-300", (0, 100)),
        ("bytes=100-", OUTSIDE),
        ("bytes=-0", OUTSIDE),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("seconds=1-2", None),
    ],
)
def test_ranges_are_read_as_rfc_9110_says(asked: str, span: tuple[int, int] | None) -> None:
    """Of a file of 100 bytes."""
    assert byte_range(asked, 100) == span


def test_audio_of_pages_far_ahead_and_of_nobody_is_refused(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """403 beyond the next page, 404 for unknown tokens and for paths."""
    ahead = participant.pages[2].slots[0].audio_token
    assert client.get(f"/api/audio/{ahead}").status_code == 403
    assert client.get(f"/api/audio/{'x' * 32}").status_code == 404
    for path in ("..%2f..%2fstudy.yaml", "%2e%2e/mixtrial.sqlite", "a.flac", "x" * 500):
        assert client.get(f"/api/audio/{path}").status_code == 404


def test_a_page_whose_files_differ_in_length_is_not_served(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """Better no sound than an unblind one: 503 for every slot of the page."""
    assert installation.manifest is not None
    slot = participant.pages[0].slots[0]
    path = installation.manifest.path(
        installation.manifest.stimulus(participant.pages[0].song, slot.system)
    )
    whole = path.read_bytes()
    try:
        path.write_bytes(whole + b"\0")
        statuses = {
            client.get(f"/api/audio/{other.audio_token}").status_code
            for other in participant.pages[0].slots
        }
    finally:
        path.write_bytes(whole)
    assert statuses == {503}


def test_every_answer_carries_the_safe_headers(client: TestClient) -> None:
    """Policy, framing and referrer are set on success and refusal alike."""
    for answer in (client.get("/api/healthz"), client.get("/api/audio/none")):
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_streamlits_metrics_stay_inside(client: TestClient) -> None:
    """The path answers 404 before Streamlit sees it."""
    assert client.get("/_stcore/metrics").status_code == 404
    assert client.get("/_stcore/metrics/").status_code == 404


def test_the_password_opens_the_downloads(client: TestClient, installation: Installation) -> None:
    """Without the cookie 403; with it, CSV under the study's name; the cookie is well kept."""
    assert client.get("/api/admin/ratings.csv").status_code == 403
    answer = client.post("/api/login", data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    table = client.get("/api/admin/ratings.csv")
    assert table.text.startswith("participant,group,song,system,attribute,rating,")
    assert table.headers["content-disposition"] == (
        'attachment; filename="harbour-lights-ratings.csv"'
    )
    assert installation.store.actions("harbour-lights")[-1].kind == "download"
    assert client.get("/api/admin/secrets.csv").status_code == 404
    client.post("/api/logout")
    assert SESSION_COOKIE not in client.cookies
    assert client.get("/api/admin/ratings.csv").status_code == 403


def test_behind_a_secure_proxy_the_cookie_is_secure(client: TestClient) -> None:
    """``X-Forwarded-Proto: https`` sets the Secure attribute."""
    answer = client.post(
        "/api/login", data={"password": PASSWORD}, headers={"x-forwarded-proto": "https"}
    )
    assert "Secure" in answer.headers["set-cookie"].split("; ")


def test_researchers_hear_stimuli_by_name_and_others_do_not(client: TestClient) -> None:
    """The route that names song and system needs the cookie and knows no paths."""
    address = "/api/admin/audio/song0/cnn"
    assert client.get(address).status_code == 403
    client.post("/api/login", data={"password": PASSWORD})
    assert client.get(address).headers["content-type"] == "audio/flac"
    assert client.get("/api/admin/audio/song0/nobody").status_code == 404
    assert client.get("/api/admin/audio/..%2f/study.yaml").status_code == 404


def test_a_paused_study_takes_nobody_new_and_lets_others_finish(
    client: TestClient, installation: Installation, participant: Participant
) -> None:
    """Enrolment is refused in a sentence; a save under way is stored."""
    installation.store.set_study_status("harbour-lights", "paused")
    try:
        with pytest.raises(EnrolmentClosedError, match="no new participants"):
            enrol(installation)
        assert (
            client.post("/api/autosave", json=message(installation, participant)).status_code == 204
        )
    finally:
        installation.store.set_study_status("harbour-lights", "open")


def test_an_unbuilt_study_plays_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Audio is answered with 503 while there is no build."""
    unbuilt = open_installation(write_study(tmp_path))
    answer_for(monkeypatch, lambda: unbuilt)
    added = enrol(unbuilt)
    unbuilt.store.record_consent(added.token, "v1", True)
    unbuilt.store.record_questionnaire(added.token, "hobbyist", "headphones")
    with TestClient(Starlette(routes=ROUTES)) as opened:
        address = f"/api/audio/{added.pages[0].slots[0].audio_token}"
        assert opened.get(address).status_code == 503
    unbuilt.store.close()
