"""Long test of memory: participants come, rate and leave, and new participants replace them.

``python -m mixtrial.load.soak --minutes 10`` prints the server's resident memory every half minute,
and its growth from the middle of the test to the end. Streamlit keeps a session for two minutes
after its tab was closed, so memory always rises in the first minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from mixtrial.load.scene import Server, made_up_study, opened, seated, serving
from mixtrial.load.visitor import Tally, Visitor

SAMPLE_S = 30.0
N_PAGES = 4
"""A visitor leaves after this number of pages, so that many sessions come and go."""


def main() -> None:
    """Run a long memory test of a server and print its memory."""
    parser = argparse.ArgumentParser(prog="python -m mixtrial.load.soak", description=__doc__)
    parser.add_argument("--port", type=int, default=8640)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--participants", type=int, default=10, help="at a time")
    parser.add_argument("--think", type=float, default=4.0, help="seconds a page")
    given = parser.parse_args()
    with made_up_study() as study:
        visits = given.participants * (1 + int(given.minutes * 60 / (given.think * N_PAGES)))
        tally, samples = soak(
            study, given.port, given.minutes * 60, given.participants, given.think, visits
        )
    for second, n_bytes in samples:
        print(f"{second:6.0f} s  {n_bytes / 2**20:7.1f} MiB")  # noqa: T201
    middle = samples[len(samples) // 2][1]
    grown = (samples[-1][1] - middle) / 2**20
    print(  # noqa: T201
        f"{len(tally.turns_s)} page turns, {len(tally.openings_s)} sessions, "
        f"{len(tally.errors)} errors; from the middle to the end {grown:+.1f} MiB"
    )


def soak(
    study: Path, port: int, duration_s: float, n_at_once: int, think_s: float, n_visits: int
) -> tuple[Tally, list[tuple[float, int]]]:
    """Replace each participant who leaves; return the results, and the memory over time."""
    installation = opened(study)
    tokens = [participant.token for participant in seated(installation, n_visits)]
    attributes = [attribute.name for attribute in installation.study.attributes]
    installation.store.close()
    with serving(study, port) as server:
        return asyncio.run(_soak(server, tokens, attributes, duration_s, n_at_once, think_s))


async def _soak(
    server: Server,
    tokens: list[str],
    attributes: Sequence[str],
    duration_s: float,
    n_at_once: int,
    think_s: float,
) -> tuple[Tally, list[tuple[float, int]]]:
    tally, began = Tally(), time.monotonic()
    until = began + duration_s
    samples: list[tuple[float, int]] = []

    async def take_seat() -> None:
        while tokens and time.monotonic() < until:
            visitor = Visitor(server.url, tokens.pop(), attributes, tally)
            await visitor.visit(N_PAGES, think_s, until)
            await visitor.close()

    async def weigh() -> None:
        while time.monotonic() < until:
            samples.append((time.monotonic() - began, server.memory_bytes()))
            await asyncio.sleep(min(SAMPLE_S, max(until - time.monotonic(), 0.01)))
        samples.append((time.monotonic() - began, server.memory_bytes()))

    await asyncio.gather(weigh(), *(take_seat() for _ in range(n_at_once)))
    return tally, samples


if __name__ == "__main__":
    main()
