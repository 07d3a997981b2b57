"""Server's cost of a page turn, compared with an empty route and a run of the Streamlit script.

The requests of the measurement are sent one after the other. The cost of one request is the
server's processor time divided by the number of requests. The empty route runs in a separate
process; for each request, it reads and sends as many bytes as a page turn. The cost of the empty
route is the minimum cost of an HTTP request on this machine.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from db.records.participation import Participant
from mixtrial.load.scene import HOST, Server, opened, process_cpu_s, seated, serving, settle
from mixtrial.load.visitor import Tally, Visitor
from mixtrial.server.process import port_is_free
from mixtrial.simulation.over_http import Connection

N_PEOPLE = 20
N_EMPTY = 5
"""Empty requests for each page turn: the system tells processor time in hundredths of a second."""

START_TIMEOUT_S = 30.0
FLOOR_SERVER = """
import sys
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

CONTENT = b"x" * int(sys.argv[2])

async def empty(request):
    await request.body()
    return Response(CONTENT, media_type="application/json")

app = Starlette(routes=[Route("/", empty, methods=["POST"])])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """Processor time of the server for each kind of request, in ms, and the bytes of a page."""

    floor_ms: float
    save_ms: float
    turn_ms: float
    run_ms: float
    page_bytes: int
    n_turns: int


def measure_turns(study: Path, port: int, floor_port: int, n_pages: int) -> TurnFigures:
    """Turn ``n_pages`` pages for twenty participants; send as many requests of each other kind.

    Parameters
    ----------
    study
        A built study in which nobody has taken part.
    port, floor_port
        Ports of the two servers.
    n_pages
        Number of page turns of each participant; it must be smaller than the number of pages that
        the participant has.
    """
    installation = opened(study)
    attributes = [attribute.name for attribute in installation.study.attributes]
    people = seated(installation, N_PEOPLE)
    installation.store.close()
    with serving(study, port) as server, closing(Connection(server.url)) as connection:
        pages = {person.token: _wished(connection, person, 0, "open") for person in people}
        settle()
        saves_s = turns_s = 0.0
        for index in range(n_pages):
            bodies = [_final(person, pages[person.token], attributes) for person in people]
            before_s = server.cpu_s()
            _save(connection, bodies)
            saved_s = server.cpu_s()
            _turn(connection, people, index, pages)
            saves_s += saved_s - before_s
            turns_s += server.cpu_s() - saved_s
        size = len(json.dumps(pages[people[0].token]).encode())
        runs_s = asyncio.run(_runs(server, people, attributes, n_pages))
    n_turns = n_pages * len(people)
    with _floor(floor_port, size) as floor:
        empty_s = floor(N_EMPTY * n_turns) / N_EMPTY
    per_one = 1000.0 / n_turns
    return TurnFigures(
        empty_s * per_one, saves_s * per_one, turns_s * per_one, runs_s * per_one, size, n_turns
    )


def _wished(
    connection: Connection, person: Participant, index: int, wish: str
) -> dict[str, object]:
    body = json.dumps({"token": person.token, "page": index, "wish": wish}).encode()
    answer = connection.send("POST", "/api/page", body)
    page: dict[str, object] | None = json.loads(answer.body).get("page")
    if answer.status != 200 or page is None:
        raise ValueError(f"The server refused a page with status {answer.status}.")
    return page


def _final(person: Participant, page: dict[str, object], attributes: list[str]) -> bytes:
    index = page["page"]
    assert isinstance(index, int)
    ratings = [
        {"slot": slot, "attribute": attribute, "value": 40.0}
        for slot in range(len(person.pages[index].slots))
        for attribute in attributes
    ]
    events = [{"t_ms": 10.0 * number, "kind": "switch", "slot": number % 4} for number in range(30)]
    return json.dumps(
        {"token": person.token, "page": index, "epoch": page["epoch"], "seq": 1, "final": True,
         "ratings": ratings, "events": events}
    ).encode()  # fmt: skip


def _save(connection: Connection, bodies: list[bytes]) -> None:
    for body in bodies:
        answer = connection.send("POST", "/api/autosave", body)
        if answer.status != 204:
            raise ValueError(
                f"The server refused a save with status {answer.status}: {answer.body!r}."
            )


def _turn(
    connection: Connection,
    people: list[Participant],
    index: int,
    pages: dict[str, dict[str, object]],
) -> None:
    for person in people:
        pages[person.token] = _wished(connection, person, index, "next")


async def _runs(
    server: Server, people: list[Participant], attributes: list[str], n_runs: int
) -> float:
    """Processor time, in seconds, of ``n_runs`` script runs per participant on open websockets."""
    visitors = [Visitor(server.url, each.token, attributes, Tally()) for each in people]
    for visitor in visitors:
        await visitor.come_in()
    before_s = server.cpu_s()
    for _ in range(n_runs):
        for visitor in visitors:
            await visitor.draw_again()
    spent_s = server.cpu_s() - before_s
    for visitor in visitors:
        await visitor.close()
    return spent_s


@contextmanager
def _floor(port: int, size: int) -> Iterator[Callable[[int], float]]:
    """Start an empty route that sends ``size`` bytes; yield a function that measures its cost."""
    process = subprocess.Popen((sys.executable, "-c", FLOOR_SERVER, str(port), str(size)))
    try:
        for _ in range(int(10 * START_TIMEOUT_S)):
            if not port_is_free(HOST, port):
                break
            settle(0.1)
        with closing(Connection(f"http://{HOST}:{port}")) as connection:
            body = b"x" * 100

            def cost(n_requests: int) -> float:
                before_s = process_cpu_s(process.pid)
                for _ in range(n_requests):
                    connection.send("POST", "/", body)
                return process_cpu_s(process.pid) - before_s

            cost(50)
            yield cost
    finally:
        process.kill()
        process.wait()
