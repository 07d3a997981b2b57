"""Simulated participants over HTTP, who use the routes of a running server.

The participants enrol, answer and open pages through :mod:`mixtrial.routes.researcher.simulation`
(with the dashboard's password). Simulated participants fetch all stimuli and save through the
routes that browsers use. A message without an answer is sent again, after increasing pauses, until
the server has acknowledged it.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from pydantic import TypeAdapter

from db.records.errors import StoreError
from mixtrial.server.session_cookie import SESSION_COOKIE
from mixtrial.simulation.doors import CameIn, Finished, OpenedPage, PlannedPages
from mixtrial.simulation.in_process import chosen_volume, page_parts, panel_model
from mixtrial.simulation.page_answers import AskedPage
from stimuli.study.study import Study

Told = TypeVar("Told", CameIn, PlannedPages, OpenedPage, Finished)

TIMEOUT_S = 30.0
PATIENCE_S = 60.0
"""How long a message is sent again before a bot gives up."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
TRY_AGAIN = (429, 502, 503, 504)


class BotError(StoreError):
    """A server that refuses simulated participants; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case) and body of a server's answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def content(self, kind: type[Told]) -> Told:
        """Content of an answer's body; if it is a refusal, raise ``BotError`` with its sentence."""
        reason = None
        try:
            if self.status == 200:
                return TypeAdapter(kind).validate_json(self.body)
            reason = json.loads(self.body).get("error")
        # The server's answer is neither the requested content nor one of our refusals.
        except (ValueError, AttributeError):
            pass
        raise BotError(
            f"The server answered {self.status}: {reason or 'not a server of mixtrial'}."
        )


@dataclass
class Connection:
    """One connection to a server, kept open, and opened again if the connection breaks.

    Parameters
    ----------
    url
        Address of the server, such as ``http://127.0.0.1:8501``.
    cookie
        The dashboard's password, which the routes for simulated participants require.
    """

    url: str
    cookie: str = ""
    n_retries: int = 0
    _open: http.client.HTTPConnection | None = field(default=None, repr=False)

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> Answer:
        """Send a request until the server answers; raise ``BotError`` after a time limit.

        ``kind`` is the content type of the body.
        """
        deadline, pause_s = time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
        while True:
            try:
                answer = self._send_once(method, path, body, kind)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if time.monotonic() > deadline:
                    raise BotError(f"{self.url} does not answer: {error}.") from error
            else:
                if answer.status not in TRY_AGAIN or time.monotonic() > deadline:
                    return answer
            self.n_retries += 1
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _send_once(self, method: str, path: str, body: bytes | None, kind: str | None) -> Answer:
        if self._open is None:
            parts = urlsplit(self.url)
            kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
            if parts.scheme not in kinds or not parts.hostname:
                raise BotError(f"{self.url!r} is not an address such as http://127.0.0.1:8501.")
            self._open = kinds[parts.scheme](parts.hostname, parts.port, timeout=TIMEOUT_S)
        headers = {"Cookie": f"{SESSION_COOKIE}={self.cookie}"} if self.cookie else {}
        headers |= {"Content-Type": kind} if kind else {}
        self._open.request(method, urlsplit(self.url).path.rstrip("/") + path, body, headers)
        response = self._open.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._open is not None:
            self._open.close()
            self._open = None


def sign_in(url: str, password: str) -> str:
    """Value of the dashboard's cookie; raise ``BotError`` if the password is refused."""
    form = urlencode({"password": password}).encode()
    with closing(Connection(url)) as connection:
        answer = connection.send("POST", "/api/login", form)
    given = answer.headers.get("set-cookie", "")
    name, _, rest = given.partition("=")
    if name != SESSION_COOKIE:
        raise BotError("The server did not accept the dashboard's password.")
    return rest.partition(";")[0]


def simulate_over_http(
    study: Study,
    url: str,
    password: str,
    n_participants: int,
    seed: int,
    n_threads: int = 4,
    think_s: float = 0.0,
    on_progress: Callable[[int], None] | None = None,
) -> list[str]:
    """Send simulated participants to a server; return their completion codes.

    Parameters
    ----------
    study
        Study file; its content must be the same as that of the study file that the server serves.
    url, password
        The server, and the password of its dashboard.
    n_participants, seed
        Number of simulated participants, and seed of their preferences.
    n_threads
        Number of simultaneous participants.
    think_s
        Pause on each page, in seconds, as if somebody listened.
    on_progress
        Function called with the number of finished participants.

    Raises
    ------
    BotError
        The server refuses simulated participants, does not answer, or serves another study.
    """
    cookie = sign_in(url, password)
    codes = []
    with ThreadPoolExecutor(n_threads) as pool:
        jobs = [
            pool.submit(_take_part, Connection(url, cookie), study, seed, think_s)
            for _ in range(n_participants)
        ]
        try:
            for job in as_completed(jobs):
                codes.append(job.result())
                if on_progress is not None:
                    on_progress(len(codes))
        finally:
            pool.shutdown(cancel_futures=True)
    return codes


def _take_part(connection: Connection, study: Study, seed: int, think_s: float) -> str:
    try:
        came = connection.send("POST", "/api/admin/bots").content(CameIn)
        if came.study_fingerprint != study.fingerprint:
            raise BotError("The server has another study, or another version of this study.")
        model = panel_model(study, seed)
        listener = model.listener(came.index)
        door = f"/api/admin/bots/{came.token}"
        said = {
            "group": listener.group,
            "device": listener.device,
            "volume": chosen_volume(listener),
        }
        planned = connection.send("POST", door, json.dumps(said).encode()).content(PlannedPages)
        pages, index = planned.pages, 0
        while index < len(pages):
            page = pages[index]
            opened = connection.send("POST", f"{door}/{page.index}").content(OpenedPage)
            _listen(connection, page.audio)
            asked = AskedPage(page.song, page.part, page.systems, page.references)
            parts = page_parts(asked, listener, model, study)
            message = {"token": came.token, "page": page.index, "epoch": opened.epoch}
            for seq, part in enumerate(parts, start=opened.seq + 1):
                time.sleep(think_s / len(parts))
                _save(connection, {**message, "seq": seq, **part})
            # The server may have added or removed pages because of the listener's answers.
            if any(not each.systems for each in pages):
                pages = connection.send("GET", door).content(PlannedPages).pages
            index += 1
        return connection.send("POST", f"{door}/finish").content(Finished).completion_code
    finally:
        connection.close()


def _listen(connection: Connection, audio_tokens: Iterable[str]) -> None:
    """Fetch the stimuli of a page."""
    for token in audio_tokens:
        answer = connection.send("GET", f"/api/audio/{token}")
        if answer.status != 200:
            raise BotError(f"The server refused a stimulus with status {answer.status}.")


def _save(connection: Connection, message: Mapping[str, object]) -> None:
    answer = connection.send("POST", "/api/autosave", json.dumps(message).encode())
    if answer.status != 204:
        raise BotError(f"The server refused a save with status {answer.status}.")
