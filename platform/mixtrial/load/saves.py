"""Speed of saving and lost saves, mixtrial and pymushra: one save at a time, or twenty at once.

Both servers (ours and pymushra) run locally at the same time, with the same input. Each message
holds one page of four mixes. A message to mixtrial has five questions and thirty events. A message
to pymushra has one score per mix. A save is lost if it was acknowledged, but is not in the database
afterwards.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from db.records.participation import Participant
from mixtrial.load.scene import HOST, SYSTEMS, opened, seated, serving
from mixtrial.server.process import check_place, port_is_free
from mixtrial.server.settings import SettingsError
from mixtrial.simulation.over_http import Connection

N_SEQUENTIAL = 480
"""30 participants of 16 pages: the size of Li's (2022) study."""

N_LAST = 100
N_BLOCK = 20
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
    """Results for one server: pages saved per second, and how many acknowledged saves were lost.

    ``last_per_s`` is the rate of the last hundred pages that were saved one by one.
    ``earlier_lost`` counts pages that had been saved one by one and were later destroyed by the
    simultaneous saves.
    """

    sequential_per_s: float
    last_per_s: float
    parallel_per_s: float
    acknowledged: int
    lost: int
    earlier_lost: int


Save = Callable[[int, Connection], bool]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the compared servers: the function that saves on it, and the server's address."""

    save: Save
    url: str


@dataclass(slots=True)
class Blocks:
    """Pages saved one by one: the duration of each block in seconds, and the acknowledged saves."""

    seconds: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)

    def rate(self, n_pages: int) -> float:
        """Pages per second over the last ``n_pages`` pages."""
        return n_pages / sum(self.seconds[-(n_pages // N_BLOCK) :])


def _in_turn(sides: Sequence[Side]) -> list[Blocks]:
    """Save pages one by one, in blocks that alternate between the servers.

    Because the blocks alternate, other programs on the machine slow both servers equally.
    """
    runs = [Blocks() for _ in sides]
    with ExitStack() as stack:
        connections = [stack.enter_context(closing(Connection(side.url))) for side in sides]
        for first in range(0, N_SEQUENTIAL, N_BLOCK):
            for side, run, connection in zip(sides, runs, connections, strict=True):
                began = time.perf_counter()
                block = range(first, first + N_BLOCK)
                run.acknowledged += [each for each in block if side.save(each, connection)]
                run.seconds.append(time.perf_counter() - began)
    return runs


def _at_once(side: Side, numbers: Sequence[int]) -> tuple[float, list[int]]:
    """Saves per second of twenty threads together, and the indices of the acknowledged saves."""
    lanes = [numbers[lane::CONCURRENCY] for lane in range(CONCURRENCY)]

    def run(lane: Sequence[int]) -> list[int]:
        with closing(Connection(side.url)) as connection:
            return [number for number in lane if side.save(number, connection)]

    began = time.perf_counter()
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        acknowledged = [number for part in pool.map(run, lanes) for number in part]
    return len(numbers) / (time.perf_counter() - began), acknowledged


def measure_saves(
    study: Path, port: int, pymushra: Path | None, pymushra_port: int
) -> tuple[SaveFigures, SaveFigures | None]:
    """Speed and losses of saves sent as browsers send them; pymushra's values for comparison.

    Parameters
    ----------
    study
        A built study in which nobody has taken part.
    port, pymushra_port
        Ports of the two servers.
    pymushra
        Python interpreter of an environment that has pymushra; if None, only mixtrial is measured.
    """
    installation = opened(study)
    attributes = [attribute.name for attribute in installation.study.attributes]
    messages = _messages(installation, attributes)

    def save(number: int, connection: Connection) -> bool:
        answer = connection.send("POST", "/api/autosave", messages[number][1])
        return answer.status == 204

    def missing(numbers: Sequence[int]) -> int:
        stored = installation.store.ratings(installation.study.identifier)
        counts = stored.groupby(["participant", "phase", "song"]).size()
        wanted = len(SYSTEMS) * len(attributes)
        return sum(int(counts.get(messages[number][0], 0)) != wanted for number in numbers)

    # 480 is a multiple of 20, so each thread saves the pages of its own participants.
    rest = range(N_SEQUENTIAL, N_SEQUENTIAL + N_PARALLEL)
    with ExitStack() as stack:
        sides = [Side(save, stack.enter_context(serving(study, port)).url)]
        losses = [missing]
        if pymushra is not None:
            database = Path(stack.enter_context(TemporaryDirectory(prefix="mixtrial-load-")))
            database /= "webmushra.json"
            url = stack.enter_context(_pymushra(pymushra, database, pymushra_port))
            sides.append(Side(_save_there, url))
            losses.append(lambda numbers: len(set(numbers) - _stored_there(database)))
        runs = _in_turn(sides)
        crowds = [_at_once(side, rest) for side in sides]
        figures = [
            SaveFigures(
                run.rate(N_SEQUENTIAL), run.rate(N_LAST), rate, len(numbers), lost(numbers),
                lost(run.acknowledged),
            )
            for run, (rate, numbers), lost in zip(runs, crowds, losses, strict=True)
        ]  # fmt: skip
    installation.store.close()
    return figures[0], figures[1] if pymushra is not None else None


def _messages(
    installation: Any, attributes: Sequence[str]
) -> list[tuple[tuple[str, str, str], bytes]]:
    """Key and body of the final save of every page, in the order of saving."""
    n_each = len(seated(installation, 1)[0].pages)
    people = seated(installation, (N_SEQUENTIAL + N_PARALLEL) // n_each + CONCURRENCY + 1)
    messages = []
    for first in range(0, len(people), CONCURRENCY):
        # The pages of twenty participants alternate, so that the pages of each participant stay in
        # order.
        group = people[first : first + CONCURRENCY]
        for index in range(n_each):
            messages += [_message(installation, person, index, attributes) for person in group]
    return messages


def _message(
    installation: Any, person: Participant, index: int, attributes: Sequence[str]
) -> tuple[tuple[str, str, str], bytes]:
    """Key of a page in the table of ratings, and the final save of the page."""
    page = person.pages[index]
    state = installation.store.page_state(person.token, index)
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
    return (person.identifier, page.phase, page.song), json.dumps(message).encode()


@contextmanager
def _pymushra(python: Path, database: Path, port: int) -> Iterator[str]:
    check_place(HOST, port)
    if not python.is_file():
        raise SettingsError(f"There is no Python {python} to run pymushra with.")
    process = subprocess.Popen(
        # The server is started in another folder, so the path of Python must be absolute.
        [str(python.absolute()), "-c", PYMUSHRA_SERVER, str(database), str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=database.parent,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while port_is_free(HOST, port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SettingsError(f"{python} could not start pymushra.")
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
    """Indices of the saves in pymushra's file; none if the file is no longer readable."""
    try:
        tables = json.loads(database.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {row["questionaire"]["number"] for table in tables.values() for row in table.values()}
