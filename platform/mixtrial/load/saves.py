"""Saving against pymushra: one by one, and twenty at a time; how much of it is really there after.

Both servers run on loopback, in the same minutes, and get the same: one page of four mixes a
message (ours with five questions and thirty events, pymushra's with one score each). A save counts
as lost when it was acknowledged and is not in the database afterwards.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from db.records import Participant
from mixtrial.commands.serve import port_is_free
from mixtrial.http_bots import Connection
from mixtrial.load.scene import HOST, opened, seated, serving
from mixtrial.settings import SettingsError

N_SEQUENTIAL = 480
"""30 participants of 16 pages: the size of the seed study."""

N_LAST = 100
N_PARALLEL = 500
CONCURRENCY = 20
START_TIMEOUT_S = 30.0

PYMUSHRA_SERVER = """
import sys
from pymushra import service
from tinydb import TinyDB
service.app.config["webmushra_dir"] = "."
service.app.config["db"] = TinyDB(sys.argv[1])
service.app.run(host="127.0.0.1", port=int(sys.argv[2]), threaded=True)
"""


@dataclass(frozen=True, slots=True)
class SaveFigures:
    """How a server saved: rates in pages a second, and what was acknowledged and then missing.

    ``last_per_s`` is the sequential rate of the last hundred pages. ``earlier_lost`` counts the
    pages saved one by one that the saves at once destroyed.
    """

    sequential_per_s: float
    last_per_s: float
    parallel_per_s: float
    acknowledged: int
    lost: int
    earlier_lost: int


Save = Callable[[int, Connection], bool]


def _timed(save: Save, url: str, numbers: Sequence[int], n_threads: int) -> tuple[float, list[int]]:
    """Rate of saves, and the numbers of those that were acknowledged."""
    lanes = [numbers[lane::n_threads] for lane in range(n_threads)]

    def run(lane: Sequence[int]) -> list[int]:
        with closing(Connection(url)) as connection:
            return [number for number in lane if save(number, connection)]

    began = time.perf_counter()
    with ThreadPoolExecutor(n_threads) as pool:
        acknowledged = [number for part in pool.map(run, lanes) for number in part]
    return len(numbers) / (time.perf_counter() - began), acknowledged


def _sequential(save: Save, url: str) -> tuple[float, float, list[int]]:
    """Rate of all saves one by one, that of the last hundred, and what was acknowledged."""
    n_first = N_SEQUENTIAL - N_LAST
    first_rate, first = _timed(save, url, range(n_first), 1)
    last_rate, last = _timed(save, url, range(n_first, N_SEQUENTIAL), 1)
    rate = N_SEQUENTIAL / (n_first / first_rate + N_LAST / last_rate)
    return rate, last_rate, first + last


def measure_ours(study: Path, port: int) -> SaveFigures:
    """Our figures, by the route that browsers use."""
    here = opened(study)
    n_each = len(seated(here, 1)[0].pages)
    people = seated(here, (N_SEQUENTIAL + N_PARALLEL) // n_each + CONCURRENCY + 1)
    attributes = [attribute.name for attribute in here.study.attributes]
    messages = []
    for first in range(0, len(people), CONCURRENCY):
        # page after page of twenty participants in turn: a participant's own pages stay in order
        group = people[first : first + CONCURRENCY]
        for index in range(n_each):
            messages += [_message(here, person, index, attributes) for person in group]

    def save(number: int, connection: Connection) -> bool:
        answer = connection.send("POST", "/api/autosave", messages[number][1])
        return answer.status == 204

    with serving(study, port) as server:
        rate, last_rate, first_acknowledged = _sequential(save, server.url)
        # whole rounds of twenty, so that each thread keeps its own participants
        rest = range(N_SEQUENTIAL, N_SEQUENTIAL + N_PARALLEL)
        parallel, acknowledged = _timed(save, server.url, rest, CONCURRENCY)
    stored = here.store.ratings(here.study.identifier)
    counts = stored.groupby(["participant", "page_kind", "song"]).size()
    here.store.close()

    def lost(numbers: Sequence[int]) -> int:
        wanted = 4 * len(attributes)
        return sum(int(counts.get(messages[number][0], 0)) != wanted for number in numbers)

    return SaveFigures(
        rate, last_rate, parallel, len(acknowledged), lost(acknowledged), lost(first_acknowledged)
    )


def _message(
    here: Any, person: Participant, index: int, attributes: Sequence[str]
) -> tuple[tuple[str, str, str], bytes]:
    """Key of a page in the table of ratings, and its final save."""
    page = person.pages[index]
    state = here.store.page_state(person.token, index)
    ratings = [
        {"slot": slot.position, "attribute": attribute, "value": 40.0}
        for slot in page.slots
        for attribute in attributes
    ]
    events = [{"t_ms": 10.0 * number, "kind": "switch", "slot": number % 4} for number in range(30)]
    message = {
        "token": person.token, "page": index, "epoch": state.epoch, "seq": state.seq + 1,
        "final": True, "ratings": ratings, "events": events,
    }  # fmt: skip
    return (person.identifier, page.kind, page.song), json.dumps(message).encode()


def measure_pymushra(python: Path, port: int) -> SaveFigures:
    """The same of pymushra, run by the interpreter of an environment that has it."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-load-") as folder:
        database = Path(folder) / "webmushra.json"
        with _pymushra(python, database, port) as url:
            rate, last_rate, first_acknowledged = _sequential(_save_there, url)
            rest = range(N_SEQUENTIAL, N_SEQUENTIAL + N_PARALLEL)
            parallel, acknowledged = _timed(_save_there, url, rest, CONCURRENCY)
        stored = _stored_there(database)
    lost = len(set(acknowledged) - stored)
    earlier = len(set(first_acknowledged) - stored)
    return SaveFigures(rate, last_rate, parallel, len(acknowledged), lost, earlier)


@contextmanager
def _pymushra(python: Path, database: Path, port: int) -> Iterator[str]:
    if not port_is_free(HOST, port):
        raise SettingsError(f"port {port} is taken; choose another with --port")
    process = subprocess.Popen(
        [str(python), "-c", PYMUSHRA_SERVER, str(database), str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=database.parent,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while port_is_free(HOST, port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SettingsError(f"{python} could not start pymushra")
            time.sleep(0.1)
        yield f"http://{HOST}:{port}"
    finally:
        process.kill()
        process.wait()


def _save_there(number: int, connection: Connection) -> bool:
    responses = [{"stimulus": f"C{slot}", "score": 40, "time": 1000} for slot in range(4)]
    session = {
        "testId": "load", "config": "load.yaml",
        "participant": {"name": ["number"], "response": [number]},
        "trials": [{"testId": "load", "type": "mushra", "id": "page", "responses": responses}],
    }  # fmt: skip
    body = urlencode({"sessionJSON": json.dumps(session)}).encode()
    try:
        answer = connection.send(
            "POST", "/service/write.php", body, "application/x-www-form-urlencoded"
        )
        return answer.status == 200 and json.loads(answer.body).get("error") is False
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _stored_there(database: Path) -> set[int]:
    """Numbers of the saves in pymushra's file; none when it cannot be read any more."""
    try:
        tables = json.loads(database.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {row["questionaire"]["number"] for table in tables.values() for row in table.values()}
