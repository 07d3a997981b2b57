"""``python -m mixtrial.load``: measure the server's speed under load, and print a table.

All servers are on 127.0.0.1, and all files are in a folder that is removed afterwards. The run of
all measurements takes about six minutes. The client uses the same processors as the server, so the
measured times are longer than with a client on another machine.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from mixtrial.load.crashes import CrashFigures, measure_crashes
from mixtrial.load.crowd import CrowdFigures, measure_crowd
from mixtrial.load.saves import SaveFigures, measure_saves
from mixtrial.load.scene import made_up_study
from mixtrial.load.strangers import StrangerFigures, measure_strangers
from mixtrial.load.turns import TurnFigures, measure_turns
from mixtrial.server.limits import MOST_FAILURES

Row = tuple[str, str, str]
N_TURNED = 15
"""Pages that each participant turns where their cost is measured."""


def main() -> None:
    """Measure all values, and print the table of docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python -m mixtrial.load", description=__doc__)
    parser.add_argument("--port", type=int, default=8640, help="first of three ports to use")
    parser.add_argument("--pymushra", type=Path, help="python of an environment with pymushra")
    parser.add_argument("--kills", type=int, default=20, help="how often the server is killed")
    parser.add_argument("--seconds", type=float, default=45.0, help="length of the crowd's run")
    given = parser.parse_args()
    rows: list[Row] = []
    with made_up_study() as study:
        crowd = measure_crowd(study, given.port, 200, 10.0, given.seconds)
    with made_up_study() as study:
        hall = measure_crowd(study, given.port, 1_000, 10.0, given.seconds, workers=2)
    with made_up_study() as study:
        rush = measure_crowd(study, given.port, 20, 0.0, given.seconds / 3, workers=2)
    rows += crowd_rows(crowd, most_ms=50) + crowd_rows(hall, most_ms=250) + rush_rows(rush)
    with made_up_study() as study:
        rows += turn_rows(measure_turns(study, given.port, given.port + 1, N_TURNED))
    with made_up_study() as study:
        ours, theirs = measure_saves(study, given.port + 1, given.pymushra, given.port + 2)
    rows += save_rows(ours, theirs)
    with made_up_study() as study:
        rows += crash_rows(measure_crashes(study, given.port + 1, given.kills, 8))
    with made_up_study() as study:
        rows += stranger_rows(measure_strangers(study, given.port, 1000, 10_000, 30.0))
    print("| figure | measured | wanted |\n|---|---|---|")  # noqa: T201
    for row in rows:
        print(f"| {' | '.join(row)} |")  # noqa: T201
    for error, count in Counter(crowd.errors + hall.errors + rush.errors).items():
        print(f"\n{count} x {error}")  # noqa: T201


def crowd_rows(figures: CrowdFigures, most_ms: int) -> list[Row]:
    """Table rows for many participants with pauses; a page turn should take at most ``most_ms``."""
    who = f"{figures.n_participants} participants, {figures.think_s:g} s a page"
    return [
        (
            f"{who}: page turn, 95 % within",
            f"{figures.turn_p95_ms:.0f} ms",
            f"at most {most_ms} ms",
        ),
        (f"{who}: page turn, half within", f"{figures.turn_p50_ms:.0f} ms", "–"),
        (f"{who}: a save, 95 % within", f"{figures.save_p95_ms:.0f} ms", "–"),
        (
            f"{who}: the server's CPU time a page",
            f"{figures.cpu_ms_per_page:.1f} ms",
            "at most 15 ms",
        ),
        (
            f"{who}: memory a session",
            f"{figures.kib_per_session:.0f} KiB",
            "at most 60 KiB",
        ),
        (f"{who}: errors in {figures.n_turns} page turns", f"{len(figures.errors)}", "0"),
        (f"{who}: presses repeated after 3 s", f"{figures.n_repeats}", "–"),
    ]


def rush_rows(figures: CrowdFigures) -> list[Row]:
    """Table rows for a few participants who rate without pauses."""
    who = f"{figures.workers} workers, {figures.n_participants} participants without a pause"
    page_ms = figures.cpu_ms_per_page + figures.client_ms_per_page
    return [
        (f"{who}: pages a second", f"{figures.pages_per_s:.1f}", "at least 108"),
        (f"{who}: the server's CPU time a page", f"{figures.cpu_ms_per_page:.1f} ms", "–"),
        (f"{who}: the visitors' CPU time a page", f"{figures.client_ms_per_page:.1f} ms", "–"),
        (
            f"{who}: pages a second that two idle processors have time for",
            f"{2000 / page_ms:.0f}",
            "–",
        ),
        (f"{who}: errors in {figures.n_turns} page turns", f"{len(figures.errors)}", "0"),
    ]


def turn_rows(figures: TurnFigures) -> list[Row]:
    """Table rows for what a page turn, an empty route and a run of Streamlit's script cost."""
    of_floor = f"{(figures.turn_ms - figures.save_ms) / figures.floor_ms:.1f}"
    of_run = f"{figures.turn_ms / figures.run_ms:.2f}"
    return [
        ("an empty route, CPU", f"{figures.floor_ms:.2f} ms", "–"),
        ("a final save, CPU", f"{figures.save_ms:.2f} ms", "–"),
        (f"a page turn, CPU ({figures.n_turns} turns)", f"{figures.turn_ms:.2f} ms", "–"),
        ("a run of the survey's script, CPU", f"{figures.run_ms:.2f} ms", "–"),
        ("a page turn less one save, in empty routes", of_floor, "at most 4"),
        ("a page turn, in runs of the script", of_run, "at most 0.20"),
    ]


def save_rows(ours: SaveFigures, theirs: SaveFigures | None) -> list[Row]:
    """Table rows for saving; pymushra's figures are included if pymushra was measured."""
    rows: list[Row] = [
        ("pages saved one by one, a second", f"{ours.sequential_per_s:.0f}", "–"),
        (
            f"acknowledged and lost, 20 at a time ({ours.acknowledged} acknowledged)",
            f"{ours.lost + ours.earlier_lost}",
            "0",
        ),
    ]
    if theirs is None:
        return [*rows, ("pymushra", "not measured (--pymushra)", "–")]
    all_ratio = ours.sequential_per_s / theirs.sequential_per_s
    last_ratio = ours.last_per_s / theirs.last_per_s
    return [
        *rows,
        ("pymushra: pages saved one by one, a second", f"{theirs.sequential_per_s:.0f}", "–"),
        ("ours / pymushra, 480 pages one by one", f"{all_ratio:.1f}", "at least 5"),
        ("ours / pymushra, the last 100 of them", f"{last_ratio:.1f}", "–"),
        (
            f"pymushra: 20 at a time, lost of {theirs.acknowledged} acknowledged",
            f"{theirs.lost}",
            "–",
        ),
        ("pymushra: lost of the 480 saved before", f"{theirs.earlier_lost}", "–"),
    ]


def crash_rows(figures: CrashFigures) -> list[Row]:
    """Table rows for the test in which the server is killed under load."""
    what = f"SIGKILL {figures.kills} times in {figures.elapsed_s:.0f} s"
    everybody = f"{figures.participants} of {figures.participants}"
    return [
        (f"{what}: finished", f"{figures.finished} of {figures.participants}", everybody),
        (f"{what}: lost or altered of {figures.ratings} ratings", f"{figures.lost}", "0"),
        (f"{what}: ratings or events doubled", f"{figures.doubled + figures.doubled_events}", "0"),
    ]


def stranger_rows(figures: StrangerFigures) -> list[Row]:
    """Table rows for a participant who saves during an attack."""
    n_tries = sum(figures.outcomes.values())
    who = f"{n_tries} wrong passwords at once, {figures.n_reruns} page runs sent"
    return [
        (f"{who}: passwords looked at", f"{figures.outcomes.get('wrong', 0)}", f"{MOST_FAILURES}"),
        (f"{who}: others' save, 95 % within", f"{figures.save_p95_ms:.0f} ms", "at most 500 ms"),
        ("others' save before that, 95 % within", f"{figures.alone_p95_ms:.0f} ms", "–"),
        (f"{who}: more memory", f"{figures.memory_mib:.0f} MiB", "at most 100 MB"),
    ]


if __name__ == "__main__":
    main()
