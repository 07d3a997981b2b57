"""Builds of studies, each in a separate process, and their progress.

A build continues while nobody watches it. A build ends when it is done, when it is cancelled, or
with the studio.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from mixtrial.processes.started import let_go, start, stop
from mixtrial.server.settings import SettingsError
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.terminal.progress_bar import time_left

PROGRAM = "mixtrial.studio.children.build_program"


@dataclass
class Build:
    """One build: finished steps, all steps and, after the end, the last message or the fault."""

    process: subprocess.Popen[bytes]
    began_s: float = field(default_factory=time.monotonic)
    done: float = 0
    total: float = 0
    text: str = ""
    said: str = ""
    fault: str = ""
    is_over: bool = False

    @property
    def share(self) -> float:
        """Finished share, 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def left(self) -> str:
        """Remaining time at the present pace, in words; empty at the beginning."""
        return time_left(time.monotonic() - self.began_s, self.done, self.total - self.done)


@dataclass
class Builds:
    """The last build of each study in a studio; safe to share between threads."""

    environment: Mapping[str, str] = field(repr=False)
    _builds: dict[Path, Build] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, study: StudyFolder) -> Build | None:
        """The last build of a study since the studio was started."""
        return self._builds.get(study.path)

    def start(self, study: StudyFolder) -> None:
        """Start a build of a study.

        Raises
        ------
        SettingsError
            The study is open, so participants would be sent files that the new build replaces.
        """
        if study.notes().is_open:
            raise SettingsError("The study is open; stop it before you build it again.")
        with self._lock:
            last = self._builds.get(study.path)
            if last is not None and not last.is_over:
                return
            call = [PROGRAM, str(study.study_file)]
            build = Build(start(call, self.environment, subprocess.PIPE))
            self._builds[study.path] = build
        Thread(target=_listen, args=(build,), name="build", daemon=True).start()

    def cancel(self, study: StudyFolder) -> None:
        """Cancel a build; an earlier build stays complete."""
        build = self._builds.get(study.path)
        if build is not None and not build.is_over:
            build.fault = CANCELLED
            stop(build.process)

    def cancel_all(self) -> None:
        """Cancel all builds."""
        for build in list(self._builds.values()):
            if not build.is_over:
                stop(build.process)


CANCELLED = "the build was cancelled; what it had rendered is kept for the next one"
ENDED = "the build ended by itself; the studio's log says why"


def _listen(build: Build) -> None:
    """Read the messages of a build until it ends."""
    output = build.process.stdout
    for line in output or ():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        for name in ("done", "total", "text", "said", "fault"):
            if name in told:
                setattr(build, name, told[name])
    if build.process.wait() and not build.fault:
        build.fault = ENDED
    let_go(build.process)
    if output is not None:
        output.close()
    build.is_over = True
