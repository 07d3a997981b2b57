"""What each view of the dashboard costs its server, with 500 participants of 60 ratings each.

``PYTHONPATH=tests/support:tests/support/servers:. python -m tests.developing.dashboard_times`` has
them take part in a study of five songs in four mixes and three questions, then draws every view
twice: with nothing kept from before, as for the first who looks, and again, as after a press. The
times are the process's own (CPU), so that other work on the machine does not count. With a folder
behind it, the study is made there and used again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from db.records.participation import ParticipantKind
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.participation import autosave
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import Installation
from mixtrial.simulation import in_process
from mixtrial.simulation.in_process import simulate_participants

N_PARTICIPANTS, N_SONGS = 500, 5
ATTRIBUTES = """attributes:
  - {name: overall, label: Overall, question: "How good is it?"}
  - {name: level, label: Level, question: "How well are the levels balanced?"}
  - {name: reverb, label: Reverb, question: "How well does the reverb fit?"}
pages: {training: false}
"""
MOST_MS = 300.0


def studied(folder: Path) -> Installation:
    """The study, with everybody in it; made where it is not there."""
    made = folder / "study.yaml"
    if not made.is_file():
        build_stimuli(folder, n_songs=N_SONGS)
        write_study(folder, n_songs=N_SONGS)
        made.write_text(made.read_text(encoding="utf-8") + ATTRIBUTES, encoding="utf-8")
    installation = open_installation(made)
    there = len(installation.store.participants(installation.study.identifier))

    def as_real(real: Installation, _kind: ParticipantKind) -> object:
        return enrol(real)

    in_process.enrol = as_real  # type: ignore[assignment]
    autosave._impossible_listening = lambda *_: None
    list(simulate_participants(installation, N_PARTICIPANTS - there, seed=1))
    return installation


def script() -> None:
    """The dashboard, as Streamlit runs it."""
    from mixtrial.dashboard.router import render_dashboard

    render_dashboard()


def milliseconds(view: str) -> tuple[float, float]:
    """CPU time of a view: with nothing kept, and once more."""
    st.cache_data.clear()
    page = AppTest.from_function(script, default_timeout=600)
    page.query_params["view"] = view
    taken = []
    for _ in range(2):
        began = time.process_time()
        page.run()
        taken.append(1000 * (time.process_time() - began))
        if page.exception or "could not be drawn" in str(page.main):
            raise RuntimeError(f"the view {view} fails")
    return taken[0], taken[1]


def main() -> None:
    """Print the table of docs/performance.md."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name)
        folder.mkdir(exist_ok=True)
        installation = studied(folder)
        router.current_installation = lambda: installation
        router.is_signed_in = lambda _installation: True
        views = list(router.VIEWS)
        milliseconds(views[0])  # what is imported when it is first needed
        sys.stdout.write("| view | first | again |\n|---|---|---|\n")
        for view in views:
            first, again = milliseconds(view)
            over = "" if first <= MOST_MS else " **over**"
            sys.stdout.write(f"| {view} | {first:.0f} ms{over} | {again:.0f} ms |\n")
            sys.stdout.flush()
        installation.store.close()


if __name__ == "__main__":
    main()
