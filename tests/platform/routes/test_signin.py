"""Signing in and out: tries count before they are looked at, and a session ends when asked."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from harbour_study import PASSWORD, build_stimuli, open_installation, write_study
from mixtrial.routes import signin
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.limits import MOST_FAILURES, AttemptLimit
from mixtrial.server.session_cookie import SESSION_COOKIE, begin_session, is_signed_in
from route_server import answer_for

WRONG, WAIT = "/admin?signin=wrong", "/admin?signin=wait"


class Hashing:
    """In place of the hash: notes each password it is asked about, and how many at a time."""

    def __init__(self) -> None:
        self.passwords: list[str] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, password: str, _encoded: str) -> bool:
        """Say whether the password is the right one, after a moment."""
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self.passwords.append(password)
        time.sleep(0.01)
        with self._lock:
            self._now -= 1
        return password == PASSWORD


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Hashing:
    """Questions asked of the hash."""
    hashing = Hashing()
    monkeypatch.setattr(signin, "verify_password", hashing)
    return hashing


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A built study with its archive."""
    folder = tmp_path_factory.mktemp("signin")
    build_stimuli(folder, n_songs=1)
    installation = open_installation(write_study(folder, n_songs=1))
    yield installation
    installation.store.close()


@pytest.fixture
def client(
    installation: Installation, hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A client of the routes as the server mounts them."""
    assert hashing.passwords == []
    answer_for(monkeypatch, lambda: installation)
    restart(monkeypatch)
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE), follow_redirects=False) as one:
        yield one


def restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count from 0 in this process, as another server on the same database does."""
    limit = AttemptLimit()
    monkeypatch.setattr(signin, "login_limit", lambda: limit)


def sign_in(client: TestClient, password: str) -> str:
    """Where a try at the password leads; only the right one brings per cookie."""
    answer = client.post("/api/login", data={"password": password})
    led = answer.headers["location"]
    assert ("set-cookie" in answer.headers) == (led == "/admin")
    return led


def at_once(client: TestClient, n_tries: int) -> Counter[str]:
    """Send so many wrong passwords at once; where they lead."""
    with ThreadPoolExecutor(n_tries) as pool:
        return Counter(pool.map(lambda number: sign_in(client, f"z{number}"), range(n_tries)))


def test_of_sixty_passwords_at_once_five_are_looked_at_one_after_the_other(
    client: TestClient, hashing: Hashing
) -> None:
    """The others wait, the right one too, and cost no hash."""
    assert at_once(client, 60) == {WRONG: MOST_FAILURES, WAIT: 60 - MOST_FAILURES}
    assert len(hashing.passwords) == MOST_FAILURES
    assert hashing.most_at_once == 1
    assert sign_in(client, PASSWORD) == WAIT


def test_another_server_on_the_same_database_looks_at_no_more(
    client: TestClient, hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three were tried here; of sixty there two are looked at."""
    assert [sign_in(client, "guess") for _ in range(3)] == [WRONG] * 3
    restart(monkeypatch)
    assert at_once(client, 60)[WRONG] == MOST_FAILURES - 3
    assert len(hashing.passwords) == MOST_FAILURES


def test_right_passwords_are_no_failures(client: TestClient) -> None:
    """However often; and failures before them still count."""
    assert [sign_in(client, "guess") for _ in range(4)] == [WRONG] * 4
    assert {sign_in(client, PASSWORD) for _ in range(8)} == {"/admin"}
    assert sign_in(client, "guess") == WRONG
    assert sign_in(client, "guess") == WAIT


def test_a_household_of_ipv6_has_five_tries_together(client: TestClient) -> None:
    """Its 2⁶⁴ addresses are one."""
    app = client.app
    led = [
        sign_in(
            TestClient(app, follow_redirects=False, client=(f"2001:db8:1:2::{number}", 1)), "guess"
        )
        for number in range(1, 8)
    ]
    assert led == [WRONG] * MOST_FAILURES + [WAIT] * 2


def test_the_line_for_a_hash_is_short(
    client: TestClient, hashing: Hashing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers from many addresses fill it; who comes then is told to wait, at once."""
    line = threading.Semaphore(0)
    monkeypatch.setattr(signin, "places_in_line", lambda: line)
    assert sign_in(client, PASSWORD) == WAIT
    line.release()
    assert [sign_in(client, PASSWORD) for _ in range(2)] == ["/admin"] * 2
    assert len(hashing.passwords) == 2


def test_signing_out_ends_every_cookie_of_the_account(
    client: TestClient, installation: Installation
) -> None:
    """A copy of the cookie, and that of another browser; not somebody else's."""
    assert sign_in(client, PASSWORD) == "/admin"
    copied = client.cookies[SESSION_COOKIE]
    elsewhere, somebody = begin_session(installation), begin_session(installation, "oidc.sub:7")
    assert [opens(client, each) for each in (copied, elsewhere, somebody)] == [True] * 3
    client.post("/api/logout", headers={"cookie": f"{SESSION_COOKIE}={copied}"})
    assert [opens(client, each) for each in (copied, elsewhere, somebody)] == [False, False, True]


def opens(client: TestClient, cookie: str) -> bool:
    """Whether downloads, sounds and the bots' doors open to a cookie."""
    client.cookies.clear()
    said = {"cookie": f"{SESSION_COOKIE}={cookie}"}
    statuses = {
        client.get("/api/admin/ratings.csv", headers=said).status_code,
        client.get("/api/admin/audio/song0/cnn", headers=said).status_code,
        client.post("/api/admin/bots/nobody/finish", headers=said).status_code,
    }
    assert statuses in ({200, 404}, {403})
    return statuses != {403}


def test_a_stranger_signs_nobody_out(client: TestClient, installation: Installation) -> None:
    """A cookie that was made up, or is of another key, ends nothing."""
    cookie = begin_session(installation)
    for told in ("", f"{SESSION_COOKIE}={cookie}x", f"{SESSION_COOKIE}=1.2.3"):
        client.post("/api/logout", headers={"cookie": told})
    assert is_signed_in(installation, cookie)


def test_the_database_holds_neither_cookie_nor_address(
    client: TestClient, installation: Installation
) -> None:
    """A copy of it opens no door, and names nobody who tried."""
    sign_in(client, "guess")
    sign_in(client, PASSWORD)
    place = Path(installation.settings.database_url.removeprefix("sqlite:///"))
    held = b"".join(file.read_bytes() for file in place.parent.glob(f"{place.name}*"))
    assert client.cookies[SESSION_COOKIE].encode() not in held
    assert client.cookies[SESSION_COOKIE].split(".")[1].encode() not in held
    assert b"testclient" not in held
