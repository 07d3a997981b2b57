"""The process that makes a report: ``python -m mixtrial.reporting.job.process FOLDER``.

Environment variables name the study for the report's process, as for a server. Real and simulated
participants are never mixed: a report is about simulated participants only if no real participant
has taken part.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread
from typing import NoReturn

from analysis.defaults import DEFAULT_LANGUAGE
from analysis.report.context import ReportPaths
from analysis.report.language.catalogue import languages
from analysis.report.write import UNFINISHED, stages_of, write_report
from mixtrial.reporting.job.progress import (
    BEAT_S,
    CANCEL,
    LEAST_SHARE,
    ReportProgress,
    before,
    read_progress,
    write_progress,
)
from mixtrial.reporting.job.start import REPORT
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_reader import read_study
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import LANGUAGE_VARIABLE, settings_from_environment
from stimuli.rendering.render import Progress

MEASURING_COST = 0.4
"""Cost of measuring a stimulus, as :mod:`analysis.report.timing.stages` counts."""

USUAL_READ = 0.9 * LEAST_SHARE
"""Highest share shown while stimuli are measured: the time for ratings is still unknown."""

UNFORESEEN = "something failed that nobody foresaw; report.log in the study's folder has it"
PRIORITY = 10
"""Listeners' pages go first (``nice``)."""


class _Teller:
    """Writer that stores the report's progress at each change, and also every second."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock, self._over = folder, Lock(), Event()
        self.may_be_cancelled = True
        # Time since the report was requested, including the start of the process.
        started_s = read_progress(folder).started_s or time.time()
        self.now = ReportProgress("running", what="reading", started_s=started_s)
        self._beat = Thread(target=self._go_on, daemon=True)
        self._beat.start()

    def tell(self, share: float, what: str) -> None:
        """Write the finished share and the current step."""
        with self._lock:
            share = min(max(share, self.now.share), 0.999)
            told_s = time.time() if share > self.now.share else self.now.told_s
            self.now = replace(self.now, share=share, what=what, told_s=told_s)
            write_progress(self._folder, self.now)

    def end(self, **said: object) -> None:
        """Write the result."""
        self._over.set()
        with self._lock:
            self.now = replace(self.now, **said)  # type: ignore[arg-type]
            write_progress(self._folder, self.now)

    def _go_on(self) -> None:
        while not self._over.wait(BEAT_S):
            with self._lock, suppress(OSError):
                if self._over.is_set():
                    return
                if self.may_be_cancelled and (self._folder / CANCEL).exists():
                    self._over.set()
                    _give_up(self._folder)
                write_progress(self._folder, self.now)


def _give_up(folder: Path) -> NoReturn:
    """Restore the earlier report; end this process and all browsers that it started."""
    write_progress(folder, before(folder))
    _clean(folder / REPORT)
    (folder / CANCEL).unlink(missing_ok=True)
    _end_at_once()


def _clean(out: Path) -> None:
    """Remove the remains of reports that were never finished."""
    for folder in out.glob(f"{UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _end_at_once() -> NoReturn:
    if sys.platform != "win32" and os.getpid() == os.getsid(0):
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def main(folder: Path) -> int:
    """Make the report; return 0 if it is ready, 2 if it could not be made."""
    if hasattr(os, "nice"):
        os.nice(PRIORITY)
    teller = _Teller(folder)
    _clean(folder / REPORT)
    try:
        installation = load_installation(settings_from_environment(os.environ))
        n_participants, written = _make(installation, folder / REPORT, teller)
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


def _make(installation: Installation, out: Path, teller: _Teller) -> tuple[int, ReportPaths]:
    """Read, analyse, write and pack; return the number of participants and the report's path."""
    kinds = set(installation.store.participants(installation.study.identifier)["participant_kind"])
    options = ReportOptions(without_simulated=kinds != {"simulated"})
    read_cost = 0.0

    def measured(step: Progress) -> None:
        nonlocal read_cost
        read_cost = MEASURING_COST * step.total
        teller.tell(USUAL_READ * step.done / max(step.total, 1), step.text)

    data = read_study(installation, measured, options)
    ratings, context = report_context(data, options)
    context = replace(context, language=_language())
    cost = stages_of(ratings, context).cost
    read = read_cost / (read_cost + cost)
    written = write_report(
        ratings, out, context, lambda share, what: teller.tell(read + (1.0 - read) * share, what)
    )
    # The new report has replaced the earlier report, so the job cannot be cancelled now.
    teller.may_be_cancelled = False
    packed = shutil.make_archive(str(out.parent / "packed"), "zip", out)
    Path(packed).replace(out / "report.zip")
    return int(ratings["participant"].nunique()) if len(ratings) else 0, written


def _language() -> str:
    """The requested language if reports exist in it, otherwise the default language."""
    asked = os.environ.get(LANGUAGE_VARIABLE, DEFAULT_LANGUAGE)
    return asked if asked in languages() else DEFAULT_LANGUAGE


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
