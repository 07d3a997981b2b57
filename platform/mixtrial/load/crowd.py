"""Test with many participants at once: page turns, processor time, memory, pages per second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixtrial.load.scene import Server, opened, seated, serving, settle
from mixtrial.load.visitor import Tally, Visitor

N_WARM = 5
N_AT_DOOR = 8
N_OF_ADDRESS = 200
"""Participants who come from one address of the loopback: a server lets so many of one in."""


@dataclass(frozen=True, slots=True)
class CrowdFigures:
    """Measurements of many participants; times are in milliseconds.

    ``n_repeats`` counts requests that had to be repeated after three seconds.
    ``client_ms_per_page`` is the processor time of the simulated browsers, which use the same
    processors as the server.
    """

    n_participants: int
    think_s: float
    workers: int
    n_turns: int
    turn_p50_ms: float
    turn_p95_ms: float
    turn_max_ms: float
    save_p95_ms: float
    pages_per_s: float
    cpu_ms_per_page: float
    client_ms_per_page: float
    kib_per_session: float
    errors: tuple[str, ...]
    n_repeats: int = 0


def measure_crowd(
    study: Path, port: int, n_participants: int, think_s: float, duration_s: float, workers: int = 1
) -> CrowdFigures:
    """Let ``n_participants`` simulated participants take part for ``duration_s`` seconds.

    The measurements do not include the first phase, in which all participants open their links. If
    ``think_s`` is 0, a new participant replaces each participant who has finished.
    """
    installation = opened(study)
    attributes = [attribute.name for attribute in installation.study.attributes]
    spare = 3 if think_s == 0 else 0
    people = seated(installation, N_WARM + n_participants * (1 + spare))
    installation.store.close()
    tokens = [participant.token for participant in people]
    n_pages = len(people[0].pages)
    with serving(study, port, workers) as server:
        return asyncio.run(
            _crowd(server, tokens, attributes, n_participants, n_pages, think_s, duration_s)
        )


async def _crowd(
    server: Server,
    tokens: list[str],
    attributes: list[str],
    n_participants: int,
    n_pages: int,
    think_s: float,
    duration_s: float,
) -> CrowdFigures:
    warm = [Visitor(server.url, tokens.pop(), attributes, Tally()) for _ in range(N_WARM)]
    await asyncio.gather(*(visitor.visit(2, 0.0, time.monotonic() + 30.0) for visitor in warm))
    settle()
    tally = Tally()
    seats = [
        Visitor(server.url, tokens.pop(), attributes, tally, _address(place))
        for place in range(n_participants)
    ]
    before_bytes = server.memory_bytes()
    door = asyncio.Semaphore(N_AT_DOOR)
    await asyncio.gather(*(_come_in(visitor, door) for visitor in seats))
    settle()
    session_bytes = (server.memory_bytes() - before_bytes) / n_participants
    cpu_before_s, began = server.cpu_s(), time.monotonic()
    client_before_s = time.process_time()
    until = began + duration_s

    async def take_seat(visitor: Visitor) -> None:
        await visitor.go_on(n_pages, think_s, until)
        while think_s == 0 and tokens and time.monotonic() < until:
            await visitor.close()
            visitor = Visitor(server.url, tokens.pop(), attributes, tally)
            await visitor.visit(n_pages, think_s, until)
        await visitor.close()

    await asyncio.gather(*(take_seat(visitor) for visitor in seats))
    elapsed_s = time.monotonic() - began
    cpu_s = server.cpu_s() - cpu_before_s
    client_s = time.process_time() - client_before_s
    await asyncio.gather(*(visitor.close() for visitor in warm))
    turns_ms = 1000 * np.asarray(tally.turns_s or [np.nan])
    n_turns = max(len(tally.turns_s), 1)
    return CrowdFigures(
        n_participants=n_participants,
        think_s=think_s,
        workers=server.workers,
        n_turns=len(tally.turns_s),
        turn_p50_ms=float(np.percentile(turns_ms, 50)),
        turn_p95_ms=float(np.percentile(turns_ms, 95)),
        turn_max_ms=float(turns_ms.max()),
        save_p95_ms=float(1000 * np.percentile(tally.saves_s or [np.nan], 95)),
        pages_per_s=len(tally.turns_s) / elapsed_s,
        cpu_ms_per_page=1000 * cpu_s / n_turns,
        client_ms_per_page=1000 * client_s / n_turns,
        kib_per_session=session_bytes / 1024,
        errors=tuple(tally.errors),
        n_repeats=tally.n_repeats,
    )


def _address(place: int) -> str:
    return f"127.0.0.{1 + place // N_OF_ADDRESS}"


async def _come_in(visitor: Visitor, door: asyncio.Semaphore) -> None:
    """Open the link; the number of links opened at the same time is limited, to avoid a queue."""
    async with door:
        await visitor.come_in()
