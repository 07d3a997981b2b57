"""The process that makes a report: ``python -m mixtrial.reporting.job.process FOLDER``.

The environment names the study, as for a server. Real participants alone are in the report, unless
there are none: simulated ones never stand beside them.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread

from analysis.report.context import ReportPaths
from analysis.report.write import write_report
from mixtrial.reporting.job.progress import BEAT_S, ReportProgress, read_progress, write_progress
from mixtrial.reporting.job.start import REPORT
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_reader import read_study
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_from_environment
from stimuli.rendering.render import Progress

READ = 0.1
"""Share of the time at which everything is read; less where nothing has to be measured."""

UNFORESEEN = "something failed that nobody foresaw; report.log in the study's folder has it"
PRIORITY = 10
"""Listeners' pages go first (``nice``)."""


class _Teller:
    """Writes how far the work is, when it changes and every second besides."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock, self._over = folder, Lock(), Event()
        # From when it was asked for: until a process is there takes its time, too.
        started_s = read_progress(folder).started_s or time.time()
        self.now = ReportProgress("running", what="reading", started_s=started_s)
        self._beat = Thread(target=self._go_on, daemon=True)
        self._beat.start()

    def tell(self, share: float, what: str) -> None:
        """Say what is done so far, and what is under way."""
        with self._lock:
            share = min(max(share, self.now.share), 0.999)
            self.now = replace(self.now, share=share, what=what)
            write_progress(self._folder, self.now)

    def end(self, **said: object) -> None:
        """Say what became of it."""
        self._over.set()
        with self._lock:
            self.now = replace(self.now, **said)  # type: ignore[arg-type]
            write_progress(self._folder, self.now)

    def _go_on(self) -> None:
        while not self._over.wait(BEAT_S):
            with self._lock, suppress(OSError):
                if not self._over.is_set():
                    write_progress(self._folder, self.now)


def main(folder: Path) -> int:
    """Make the report; 0 when it is there, 2 when it could not be made."""
    if hasattr(os, "nice"):
        os.nice(PRIORITY)
    teller = _Teller(folder)
    try:
        installation = load_installation(settings_from_environment(os.environ))
        n_participants, written = _make(installation, folder / REPORT, teller.tell)
    except ValueError as error:
        traceback.print_exc()
        teller.end(state="failed", error=str(error))
        return 2
    except OSError as error:
        traceback.print_exc()
        teller.end(state="failed", error=f"a file cannot be written or read: {error.strerror}")
        return 2
    except Exception:
        traceback.print_exc()
        teller.end(state="failed", error=UNFORESEEN)
        return 2
    teller.end(
        state="done", share=1.0, what="", n_participants=n_participants,
        has_pdf=written.pdf is not None,
    )  # fmt: skip
    return 0


def _make(
    installation: Installation, out: Path, tell: Callable[[float, str], None]
) -> tuple[int, ReportPaths]:
    """Read, analyse, write and pack; how many participants are in it, and where it is."""
    kinds = set(installation.store.participants(installation.study.identifier)["participant_kind"])
    options = ReportOptions(without_simulated=kinds != {"simulated"})
    read = 0.0

    def measured(step: Progress) -> None:
        nonlocal read
        read = READ * step.done / max(step.total, 1)
        tell(read, step.text)

    data = read_study(installation, measured, options)
    ratings, context = report_context(data, options)
    written = write_report(
        ratings, out, context, lambda share, what: tell(read + (1.0 - read) * share, what)
    )
    packed = shutil.make_archive(str(out.parent / "packed"), "zip", out)
    Path(packed).replace(out / "report.zip")
    return int(ratings["participant"].nunique()) if len(ratings) else 0, written


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
