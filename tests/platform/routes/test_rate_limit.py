"""So many requests a second and no more, each refusal with the time to wait, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.participation.enrolment import enrol
from mixtrial.routes import rate_limit
from mixtrial.routes.rate_limit import RateLimits, SocketLimits
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.limits import MOST_KEYS, RateLimit, network_of
from route_server import answer_for


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        """Return the moment, in seconds."""
        return self.now


def test_a_bucket_gives_at_once_what_it_holds_and_then_what_flows_in() -> None:
    """Two a second, three at once: the fourth waits half a second, the fifth a whole one more."""
    clock = Clock()
    limit = RateLimit(2.0, 3, clock)
    assert [limit.wait_s("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limit.wait_s("a") == pytest.approx(0.5)
    assert limit.wait_s("b") == 0.0
    clock.now += 0.5
    assert limit.wait_s("a") == 0.0
    assert limit.wait_s("a") == pytest.approx(0.5)
    clock.now += 10.0  # full again, and not fuller than full
    assert [limit.wait_s("a") > 0.0 for _ in range(4)] == [False, False, False, True]


def test_refused_requests_do_not_put_off_the_next_one() -> None:
    """Who asks on while refused waits no longer for it."""
    clock = Clock()
    limit = RateLimit(1.0, 1, clock)
    assert limit.wait_s("a") == 0.0
    assert {limit.wait_s("a") for _ in range(50)} == {1.0}
    clock.now += 1.0
    assert limit.wait_s("a") == 0.0


def test_buckets_of_those_who_are_gone_are_forgotten() -> None:
    """A million made-up tokens do not fill the memory."""
    clock = Clock()
    limit = RateLimit(1000.0, 10, clock)
    for number in range(5 * MOST_KEYS):
        clock.now += 0.001
        limit.wait_s(str(number))
    assert len(limit._full_at) <= MOST_KEYS


def test_a_household_of_ipv6_counts_as_one_address() -> None:
    """The first 64 bits decide; IPv4 counts whole."""
    first, second = network_of(("2001:db8:1:2:aaaa::1", 1)), network_of(("2001:db8:1:2::2%eth0", 9))
    assert first == second != network_of(("2001:db8:1:3::1", 1))
    assert network_of(("192.0.2.1", 1)) != network_of(("192.0.2.2", 1))
    assert network_of(None) == "unknown"
    assert network_of(("no:address", 1)) == "no:address"


def test_addresses_are_limited_apart_and_pages_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own routes refuse the address that asked too much; Streamlit's pages are not ours."""
    monkeypatch.setattr(rate_limit, "ADDRESS_AT_ONCE", 2)
    monkeypatch.setattr(rate_limit, "ADDRESS_PER_S", 0.1)

    async def answer(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("here")

    app = Starlette(
        routes=[Route("/api/healthz", answer), Route("/", answer)],
        middleware=[Middleware(RateLimits, clock=Clock())],
    )
    with TestClient(app, client=("192.0.2.1", 1)) as one:
        statuses = [one.get("/api/healthz").status_code for _ in range(3)]
        refused = one.get("/api/healthz")
        assert one.get("/").status_code == 200
        two = TestClient(app, client=("192.0.2.2", 1))
        assert two.get("/api/healthz").status_code == 200
    assert statuses == [200, 200, 429]
    assert refused.headers["retry-after"] == "10"
    assert refused.json() == {"error": "Too many requests at once; please wait a moment."}


class Pace:
    """Websockets whose messages count by a clock that moves when somebody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.read: list[tuple[str, float]] = []
        monkeypatch.setattr(rate_limit, "sleep", self._sleep)
        self.app = Starlette(
            routes=[WebSocketRoute("/", self._note)],
            middleware=[Middleware(SocketLimits, clock=self.clock)],
        )

    async def _sleep(self, seconds: float) -> None:
        self.clock.now += seconds

    async def _note(self, socket: WebSocket) -> None:
        await socket.accept()
        with suppress(WebSocketDisconnect):
            while True:
                await socket.receive_bytes()
                self.read.append((socket.client.host if socket.client else "", self.clock.now))
        await socket.close()

    def client(self, address: str) -> TestClient:
        """Somebody at an address."""
        return TestClient(self.app, client=(address, 1))


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Pace:
    """Websockets of a server with time to spare."""
    return Pace(monkeypatch)


def test_messages_of_one_socket_are_read_in_turn(pace: Pace) -> None:
    """Twenty at once and five a second after that: a hundred more take twenty seconds."""
    with pace.client("192.0.2.1").websocket_connect("/") as socket:
        began = pace.clock.now
        for _ in range(rate_limit.SOCKET_AT_ONCE + 100):
            socket.send_bytes(b"run")
        socket.close()
    assert pace.read[rate_limit.SOCKET_AT_ONCE - 2][1] == pytest.approx(began)
    assert pace.read[-1][1] - began == pytest.approx(100 / rate_limit.SOCKET_PER_S, abs=0.1)


def test_sockets_of_one_address_share_its_turns_and_another_has_its_own(pace: Pace) -> None:
    """An address's allowance at once is used up by its third socket; the other goes on."""
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(pace.client("192.0.2.1").websocket_connect("/")) for _ in range(3)
        ]
        began = pace.clock.now
        for socket in sockets:
            for _ in range(rate_limit.SOCKET_AT_ONCE):
                socket.send_bytes(b"run")
            socket.close()
    first = pace.clock.now - began
    n_turns = 3 * rate_limit.SOCKET_AT_ONCE + 3 - rate_limit.RUNS_AT_ONCE
    assert first == pytest.approx(n_turns / rate_limit.RUNS_PER_S)
    with pace.client("192.0.2.2").websocket_connect("/") as socket:
        socket.send_bytes(b"run")
        socket.close()
    assert pace.read[-1] == ("192.0.2.2", began + first)


def test_an_address_has_so_many_sockets_and_gets_them_back(
    pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more is closed before it opens; when one ends, another can be opened."""
    monkeypatch.setattr(rate_limit, "SOCKETS", 2)
    client = pace.client("192.0.2.1")
    for _ in range(3):
        with client.websocket_connect("/"), client.websocket_connect("/"):
            with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/"):
                pass
            assert refused.value.code == rate_limit.TRY_AGAIN_LATER


def test_a_turn_too_far_away_is_not_waited_for(pace: Pace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket is closed; nothing waits without end."""
    monkeypatch.setattr(rate_limit, "RUNS_PER_S", 0.01)
    monkeypatch.setattr(rate_limit, "RUNS_AT_ONCE", 3)
    with pace.client("192.0.2.1").websocket_connect("/") as socket:
        for _ in range(4):
            socket.send_bytes(b"run")
        assert socket.receive()["type"] == "websocket.close"
    assert len(pace.read) == 2


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A built study with its archive."""
    folder: Path = tmp_path_factory.mktemp("limits")
    build_stimuli(folder)
    installation = open_installation(write_study(folder))
    yield installation
    installation.store.close()


@pytest.fixture
def client(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of the routes as the server mounts them."""
    answer_for(monkeypatch, lambda: installation)
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as opened:
        yield opened


def on_first_page(installation: Installation) -> str:
    """Token of somebody who stands on the first page."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    return token


def test_a_save_too_many_is_refused_and_stored_when_it_comes_again(
    installation: Installation, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with the seconds to wait and nothing stored; after them the same save is taken."""
    clock = Clock()
    limit = RateLimit(0.5, 1, clock)
    monkeypatch.setattr(rate_limit, "autosave_limit", lambda: limit)
    token, other = on_first_page(installation), on_first_page(installation)

    def save(who: str, seq: int, value: float) -> int:
        epoch = installation.store.page_state(who, 0, opening=seq == 1).epoch
        ratings = [{"slot": 0, "attribute": "overall", "value": value}]
        body = {"token": who, "page": 0, "epoch": epoch, "seq": seq, "ratings": ratings}
        answer = client.post("/api/autosave", content=json.dumps(body))
        assert answer.headers.get("retry-after") == ("2" if answer.status_code == 429 else None)
        return answer.status_code

    def stored() -> list[float]:
        return [
            each.value for each in installation.store.page_state(token, 0, opening=False).ratings
        ]

    assert save(token, 1, 10.0) == 204
    assert save(token, 2, 20.0) == 429
    assert stored() == [10.0]
    assert save(other, 1, 10.0) == 204
    clock.now += 2.0
    assert save(token, 2, 20.0) == 204
    assert stored() == [20.0]


def test_no_way_of_writing_the_token_escapes_the_limit(
    installation: Installation, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a decoy before the token nor escaped characters in it."""
    limit = RateLimit(0.5, 1, Clock())
    monkeypatch.setattr(rate_limit, "autosave_limit", lambda: limit)
    token = on_first_page(installation)
    epoch = installation.store.page_state(token, 0).epoch
    rest = f'"page": 0, "epoch": {epoch}, "seq": 1}}'

    def save(tokens: str) -> int:
        return client.post("/api/autosave", content=f"{{{tokens}, {rest}").status_code

    escaped = "".join(f"\\u{ord(character):04x}" for character in token)
    assert save(f'"token": "{escaped}"') == 400
    assert [save(f'"token": "{n:032}", "token": "{token}"') for n in range(2)] == [204, 429]


def test_a_recording_is_not_served_without_end(
    installation: Installation, client: TestClient
) -> None:
    """Thirty times at once are more than a browser needs; its neighbour is still served."""
    participant = installation.store.find_participant(on_first_page(installation))
    assert participant is not None
    first, second, *_ = (slot.audio_token for slot in participant.pages[0].slots)
    statuses = [client.head(f"/api/audio/{first}").status_code for _ in range(40)]
    assert statuses[: rate_limit.RECORDING_AT_ONCE] == [200] * rate_limit.RECORDING_AT_ONCE
    assert statuses[-1] == 429
    assert client.head(f"/api/audio/{second}").status_code == 200


def test_what_a_crowd_and_the_load_test_ask_stays_below() -> None:
    """200 participants behind one address with 10 s a page: 3 saves and 8 files each."""
    clock = Clock()
    addresses = RateLimit(rate_limit.ADDRESS_PER_S, rate_limit.ADDRESS_AT_ONCE, clock)
    participants = RateLimit(rate_limit.PARTICIPANT_PER_S, rate_limit.PARTICIPANT_AT_ONCE, clock)
    for _ in range(30):  # seconds
        clock.now += 1.0
        assert not any(addresses.wait_s("one") for _ in range(200 * (3 + 8) // 10))
    assert not any(participants.wait_s("bot") for _ in range(16 * 3))  # without any pause
