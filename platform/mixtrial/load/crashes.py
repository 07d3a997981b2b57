"""Tests in which the server is killed repeatedly without warning while participants save.

Bots (simulated participants) send each save over HTTP until the server acknowledges the save. At
the end the database must hold, for each bot that finished, exactly the ratings that follow from the
bot's preset preferences. Ratings must not be lost, doubled or changed.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mixtrial.load.scene import PASSWORD, Server, opened
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.over_http import simulate_over_http

KEY = ["participant", "phase", "song", "system", "attribute"]
SEED = 3
PAUSE_S = 0.7


@dataclass(frozen=True, slots=True)
class CrashFigures:
    """Counts of finished participants' ratings; changed ratings are counted as ``lost``."""

    kills: int
    participants: int
    finished: int
    ratings: int
    lost: int
    doubled: int
    doubled_events: int
    elapsed_s: float


def measure_crashes(study: Path, port: int, kills: int, n_participants: int) -> CrashFigures:
    """Kill the server ``kills`` times while ``n_participants`` take part."""
    installation = opened(study)
    server = Server(study, port)
    server.start()
    codes: list[str] = []
    # Each page takes so long that some participants still save when the server is killed for the
    # last time.
    pages_s = kills * 3.0 / (len(installation.study.rated_songs) + 1)

    def send() -> None:
        codes.extend(
            simulate_over_http(
                installation.study,
                server.url,
                PASSWORD,
                n_participants,
                SEED,
                n_participants,
                pages_s,
            )
        )

    began = time.monotonic()
    bots = threading.Thread(target=send)
    bots.start()
    try:
        for _ in range(kills):
            time.sleep(PAUSE_S)
            server.kill()
            server.start()
        bots.join()
    finally:
        server.stop()
    elapsed_s = time.monotonic() - began
    identifier = installation.study.identifier
    people, ratings = (
        installation.store.participants(identifier),
        installation.store.ratings(identifier),
    )
    events = installation.store.events(identifier)
    installation.store.close()
    done = people[people["finished_at"] != ""]
    mine = ratings[ratings["participant"].isin(done["participant"])]
    expected = _expected(study, len(people))
    expected = expected[expected["participant"].isin(done["participant"])]
    merged = expected.merge(mine, on=KEY, how="left", suffixes=("", "_stored"))
    submits = events[
        (events["event"] == "submit") & events["participant"].isin(done["participant"])
    ]
    return CrashFigures(
        kills=kills,
        participants=n_participants,
        finished=len(set(codes)),
        ratings=len(mine),
        lost=int((merged["rating"] != merged["rating_stored"]).sum()),
        doubled=int(mine.duplicated(KEY).sum()),
        doubled_events=int(submits.duplicated(["participant", "page_index"]).sum()),
        elapsed_s=elapsed_s,
    )


def _expected(study: Path, n_participants: int) -> pd.DataFrame:
    """The ratings that follow from the bots' preferences, computed without a server."""
    url = f"sqlite:///{study.with_name('expected.sqlite')}"
    installation = load_installation(settings_for_study(study, database_url=url))
    list(simulate_participants(installation, n_participants, SEED))
    ratings = installation.store.ratings(installation.study.identifier)
    installation.store.close()
    return ratings
