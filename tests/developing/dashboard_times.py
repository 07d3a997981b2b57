"""Cost of each view of the dashboard for its server, with 500 participants of 60 ratings each.

``PYTHONPATH=tests/support:tests/support/servers:. python -m tests.developing.dashboard_times`` has
them take part in a study of five songs in four mixes and three questions, then draws every view
repeatedly: at first after the server's start, when the page was asked for and the tables were read
ahead; after one more participant has rated everything; and again, as after a press. The last two
are the best of three, with one more participant each time. The times are the process's own (CPU),
so that other work on the machine counts less; beside them stands what a page without a view costs
then, and a million additions. With a folder behind it, the study is made there and used again;
views behind that are measured alone.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from db.records.participation import ParticipantKind
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import kept_tables, router
from mixtrial.participation import autosave
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import Installation, file_stamp
from mixtrial.simulation import in_process
from mixtrial.simulation.in_process import simulate_participants

N_PARTICIPANTS, N_SONGS, N_NEWS = 500, 5, 3
ATTRIBUTES = """attributes:
  - {name: overall, label: Overall, question: "How good is it?"}
  - {name: level, label: Level, question: "How well are the levels balanced?"}
  - {name: reverb, label: Reverb, question: "How well does the reverb fit?"}
pages: {training: false}
"""
MOST_MS = 300.0
HEADS = ("view", "first", "after news", "again", "no view", "read ahead", "a million additions")


def studied(folder: Path) -> Installation:
    """The study, with everybody in it; made where it is not there."""
    made = folder / "study.yaml"
    if not made.is_file():
        build_stimuli(folder, n_songs=N_SONGS)
        write_study(folder, n_songs=N_SONGS)
        made.write_text(made.read_text(encoding="utf-8") + ATTRIBUTES, encoding="utf-8")
    installation = replace(open_installation(made), study_stamp=file_stamp(made))
    there = len(installation.store.participants(installation.study.identifier))

    def as_real(real: Installation, _kind: ParticipantKind) -> object:
        return enrol(real)

    in_process.enrol = as_real  # type: ignore[assignment]
    autosave._impossible_listening = lambda *_: None
    list(simulate_participants(installation, N_PARTICIPANTS - there, seed=1))
    return installation


def script() -> None:
    """The dashboard, as Streamlit runs it; nothing in a page's first run."""
    import streamlit as st

    from mixtrial.dashboard.router import render_dashboard

    if st.session_state.get("begun"):
        render_dashboard()


def looked_at(page: AppTest) -> float:
    """CPU time of one run, in milliseconds."""
    began = time.process_time()
    page.run()
    taken = 1000 * (time.process_time() - began)
    if page.exception or "could not be drawn" in str(page.main):
        raise RuntimeError("the view fails")
    return taken


def begun() -> tuple[AppTest, float]:
    """A page that shows nothing yet, and the CPU time of a run of that: the best of five.

    The first run, which is not counted, costs Streamlit's test client some 0.3 s.
    """
    page = AppTest.from_function(script, default_timeout=600)
    page.run()
    floor_ms = min(looked_at(page) for _ in range(5))
    page.session_state["begun"] = True
    return page, floor_ms


def milliseconds(installation: Installation, view: str) -> tuple[float, ...]:
    """CPU time of a view: first, after one more took part, again, of no view, and read ahead."""
    page, floor_ms = begun()
    page.query_params["view"] = view
    st.cache_data.clear()
    kept_tables._kept.cache_clear()
    began = time.process_time()
    router.read_tables(installation)
    ahead_ms = 1000 * (time.process_time() - began)
    first, after, again = looked_at(page), list[float](), list[float]()
    for _ in range(N_NEWS):
        list(simulate_participants(installation, 1, seed=time.time_ns() % 1_000_000))
        after.append(looked_at(page))
        again.append(looked_at(page))
    return first, min(after), min(again), floor_ms, ahead_ms


def million_additions_ms() -> float:
    """CPU time of a million additions in a plain loop: how fast the machine is just now."""
    began, total = time.process_time(), 0
    for each in range(1_000_000):
        total += each
    return 1000 * (time.process_time() - began)


def main() -> None:
    """Print the table of docs/performance.md."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        folder.mkdir(exist_ok=True)
        installation = studied(folder)
        router.current_installation = lambda: installation
        router.is_signed_in = lambda _installation: True
        milliseconds(installation, "Overview")  # what is imported when it is first needed
        gc.collect()
        gc.freeze()  # as the server does before it reads ahead
        sys.stdout.write(f"| {' | '.join(HEADS)} |\n|{'---|' * len(HEADS)}\n")
        for view in sys.argv[2:] or list(router.VIEWS):
            times = milliseconds(installation, view)
            cells = [f"{ms:.0f} ms{'' if ms <= MOST_MS else ' **over**'}" for ms in times[:3]]
            cells += [f"{ms:.0f} ms" for ms in times[3:]]
            sys.stdout.write(
                f"| {view} | {' | '.join(cells)} | {million_additions_ms():.0f} ms |\n"
            )
            sys.stdout.flush()
        installation.store.close()


if __name__ == "__main__":
    main()
