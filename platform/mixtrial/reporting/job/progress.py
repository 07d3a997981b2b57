"""Progress of a report, in a file that all processes of the server can read.

Conventions
-----------
``share`` is of the time, 0–1, by stages weighted by their duration. A stage of the report is
counted when it is finished. The process that makes the report rewrites the file every ``BEAT_S``
seconds. If the progress file has not changed for ``SILENT_S`` seconds, the process is assumed to
have died.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

State = Literal["none", "running", "cancelled", "done", "failed"]

FILE = "progress.json"
EARLIER = "earlier.json"
"""The state of a finished report, kept while another is made."""
CANCEL = "cancel"
"""A file that asks the process to end."""
BEAT_S = 1.0
SILENT_S = 90.0
ENDED = "the process that made it has ended without a word; its memory may not have sufficed"
LEAST_SHARE = 0.1
"""Before this much is done nobody knows how long it takes."""


@dataclass(frozen=True, slots=True)
class ReportProgress:
    """State of a report; times are in seconds since 1970, and ``error`` is one sentence.

    ``told_s`` is the time at which ``share`` was reached; ``written_s`` is the time of the last
    write by the process.
    """

    state: State = "none"
    share: float = 0.0
    what: str = ""
    started_s: float = 0.0
    told_s: float = 0.0
    written_s: float = 0.0
    n_participants: int = 0
    has_pdf: bool = False
    error: str = ""

    @property
    def left_s(self) -> float | None:
        """Remaining seconds, estimated from the time for the finished share; None while unknown.

        Within a stage, the estimate never falls below half of its initial value.
        """
        if self.state != "running" or self.share < LEAST_SHARE:
            return None
        then = (self.told_s - self.started_s) * (1.0 - self.share) / self.share
        return max(then - (self.written_s - self.told_s), then / 2)


def read_progress(folder: Path) -> ReportProgress:
    """State of the report in a folder; failed if the report's process has been silent too long."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        progress = ReportProgress(**said)
    except (OSError, ValueError, TypeError):
        return ReportProgress()
    if progress.state == "running" and time.time() - progress.written_s > SILENT_S:
        return replace(progress, state="failed", error=ENDED)
    return progress


def before(folder: Path) -> ReportProgress:
    """State of the earlier report, which is kept if a new report is cancelled."""
    try:
        said = json.loads((folder / EARLIER).read_text(encoding="utf-8"))
        return ReportProgress(**said)
    except (OSError, ValueError, TypeError):
        return ReportProgress("cancelled")


def write_progress(folder: Path, progress: ReportProgress) -> None:
    """Write a report's state, so that a reader never sees half of the state."""
    part = folder / f".{FILE}.{os.getpid()}"
    text = json.dumps(asdict(replace(progress, written_s=time.time())))
    part.write_text(text, encoding="utf-8")
    # On Windows, a file that another process reads cannot be replaced. The next progress message
    # replaces the file.
    with suppress(PermissionError):
        part.replace(folder / FILE)
