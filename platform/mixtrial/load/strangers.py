"""Waiting times of a participant who saves while an attack sends passwords and starts scripts.

One participant saves about eight times per second during the whole measurement. The first
measurement of waiting times is without an attack. During the second measurement, an attack sends
many wrong passwords at once. The attack also opens websockets and requests runs of the survey's
Streamlit script. The results are the participant's waiting time and the server's memory. The attack
runs in a separate process, because its work would otherwise be counted as work of the server.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect

from mixtrial.load.scene import Server, opened, seated, serving
from mixtrial.load.visitor import FAILURES

SAVE_EVERY_S = 0.1
SOCKETS = 50
RERUNS_A_BATCH = 20


@dataclass(frozen=True, slots=True)
class StrangerFigures:
    """Measurements of a participant and of the server; times are in milliseconds.

    ``alone_p95_ms`` and ``save_p95_ms`` are 95th percentiles of the time that a save takes, before
    and during the attack. ``outcomes`` counts the results of the attempts to sign in.
    """

    alone_p95_ms: float
    save_p95_ms: float
    save_max_ms: float
    memory_mib: float
    outcomes: dict[str, int]
    n_reruns: int


def measure_strangers(
    study: Path, port: int, n_passwords: int, reruns_per_s: int, duration_s: float
) -> StrangerFigures:
    """Let a participant save for ``duration_s`` seconds without an attack, then with one."""
    installation = opened(study)
    (person,) = seated(installation, 1)
    state = installation.store.page_state(person.token, 0)
    installation.store.close()
    message = {"token": person.token, "page": 0, "epoch": state.epoch, "events": []}
    with serving(study, port) as server, closing(_connection(server.url)) as line:
        alone_s = _saves(line, message, 1, duration_s)
        before_bytes = server.memory_bytes()
        peak: list[int] = []
        call = [sys.executable, "-m", __name__, server.url, *map(str, (n_passwords, reruns_per_s))]
        strangers = subprocess.Popen([*call, str(duration_s)], stdout=subprocess.PIPE)
        among_s = _saves(line, message, len(alone_s) + 1, duration_s, server, peak)
        told = json.loads(strangers.communicate()[0])
    return StrangerFigures(
        alone_p95_ms=1000 * float(np.percentile(alone_s, 95)),
        save_p95_ms=1000 * float(np.percentile(among_s, 95)),
        save_max_ms=1000 * max(among_s),
        memory_mib=(max(peak) - before_bytes) / 2**20,
        outcomes=told["outcomes"],
        n_reruns=told["n_reruns"],
    )


def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=120.0)


def _saves(
    line: http.client.HTTPConnection,
    message: dict[str, object],
    first: int,
    duration_s: float,
    server: Server | None = None,
    peak: list[int] | None = None,
) -> list[float]:
    """Save repeatedly, and return the duration of each save in seconds.

    Memory sizes of the server are appended to ``peak``.
    """
    times_s: list[float] = []
    until = time.monotonic() + duration_s
    while time.monotonic() < until:
        rating = {"slot": 0, "attribute": "overall", "value": float(len(times_s) % 100)}
        body = json.dumps(message | {"seq": first + len(times_s), "ratings": [rating]})
        began = time.perf_counter()
        status = _save(line, body)
        times_s.append(time.perf_counter() - began)
        if status != 204:
            raise RuntimeError(f"The server refused a save with status {status}.")
        if server is not None and peak is not None:
            peak.append(server.memory_bytes())
        time.sleep(SAVE_EVERY_S)
    return times_s


def _save(line: http.client.HTTPConnection, body: str) -> int:
    """Save a page and return the status; reopen the connection if the server has closed it."""
    for _ in range(2):
        with suppress(OSError, http.client.HTTPException):
            line.request("POST", "/api/autosave", body)
            answer = line.getresponse()
            answer.read()
            return answer.status
        line.close()
    return 0


def _come(url: str, n_passwords: int, reruns_per_s: int, duration_s: float) -> None:
    """Run the attack; print its results."""
    outcomes, n_reruns = asyncio.run(_all(url, n_passwords, reruns_per_s, duration_s))
    print(json.dumps({"outcomes": outcomes, "n_reruns": n_reruns}))  # noqa: T201


async def _all(
    url: str, n_passwords: int, reruns_per_s: int, duration_s: float
) -> tuple[Counter[str], int]:
    place, until = urlsplit(url).netloc, time.monotonic() + duration_s
    guesses = (_guess(place, number) for number in range(n_passwords))
    floods = (_flood(place, reruns_per_s / SOCKETS, until) for _ in range(SOCKETS))
    done = await asyncio.gather(*guesses, *(floods if reruns_per_s else ()))
    outcomes = Counter(str(one) for one in done[:n_passwords])
    return outcomes, sum(int(one) for one in done[n_passwords:])


async def _guess(place: str, number: int) -> str:
    """Try a password; return the address to which the server redirects."""
    host, _, port = place.partition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        body = f"password=z{number}"
        head = f"POST /api/login HTTP/1.1\r\nHost: {place}\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n{body}".encode())
        answer = (await reader.read()).decode("latin-1")
        writer.close()
    except OSError:
        return "refused"
    return answer.partition("signin=")[2].partition("\r\n")[0] or answer.partition("\r\n")[0]


async def _flood(place: str, per_s: float, until: float) -> int:
    """Request runs of the script over one socket as fast as possible; return the number of runs."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    run, n_sent = message.SerializeToString(), 0
    with suppress(*FAILURES):
        async with connect(
            f"ws://{place}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
        ) as socket:
            reading = asyncio.create_task(_discard(socket))
            while time.monotonic() < until:
                async with asyncio.timeout(max(until - time.monotonic(), 0.01)):
                    for _ in range(RERUNS_A_BATCH):
                        await socket.send(run)
                        n_sent += 1
                await asyncio.sleep(RERUNS_A_BATCH / per_s)
            reading.cancel()
    return n_sent


async def _discard(socket: ClientConnection) -> None:
    with suppress(*FAILURES):
        while True:
            await socket.recv(decode=False)


if __name__ == "__main__":
    _come(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
