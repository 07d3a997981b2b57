"""Start of a report in a separate process, and the result of the report."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock, Thread

from analysis.defaults import DEFAULT_LANGUAGE
from mixtrial.reporting.job.progress import (
    CANCEL,
    EARLIER,
    FILE,
    ReportProgress,
    read_progress,
    write_progress,
)
from mixtrial.server.installation import Installation
from mixtrial.server.settings import LANGUAGE_VARIABLE

FOLDER = "reports"
REPORT = "report"
LOG = "report.log"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".csv": "text/csv; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".json": "application/json",
}
"""Things that can be fetched of a report, by the end of its name."""

_LOCK = Lock()


def report_folder(installation: Installation) -> Path:
    """Folder with a study's report and the state of the report, beside the study file."""
    study_folder = installation.settings.study_path.resolve().parent
    return study_folder / FOLDER / installation.study.identifier


def report_file(installation: Installation, name: str) -> Path | None:
    """A file of the finished report by its path in the report's folder; None for other paths."""
    folder = report_folder(installation)
    inside = (folder / REPORT).resolve()
    path = (inside / name).resolve()
    is_one = path.suffix in MEDIA_TYPES and path.is_relative_to(inside) and path.is_file()
    return path if is_one and read_progress(folder).state == "done" else None


def start_report(
    installation: Installation,
    command: list[str] | None = None,
    language: str = DEFAULT_LANGUAGE,
) -> ReportProgress:
    """Start a report unless another report is being made; return the report's progress.

    The report continues when the browser is closed. The report's process gets the same study
    through the same environment variables.

    Parameters
    ----------
    installation
        The study.
    command
        Command to run instead of the report's program.
    language
        Language of the report.

    Raises
    ------
    OSError
        The study's folder cannot be written to.
    """
    folder = report_folder(installation)
    with _LOCK:
        now = read_progress(folder)
        if now.state == "running":
            return now
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / CANCEL).unlink(missing_ok=True)
        if now.state == "done":
            (folder / FILE).replace(folder / EARLIER)
        begun = ReportProgress("running", what="starting", started_s=time.time())
        write_progress(folder, begun)
        settings = installation.settings
        environment = {
            **os.environ,
            "MIXTRIAL_STUDY": str(settings.study_path),
            "MIXTRIAL_STIMULI": str(settings.stimuli_folder),
            "MIXTRIAL_DATABASE_URL": settings.database_url,
            LANGUAGE_VARIABLE: language,
        }
        # With the option -P, Python does not import modules from the current folder.
        called = command or [sys.executable, "-P", "-m", "mixtrial.reporting.job.process"]
        with (folder / LOG).open("wb") as log:
            process = subprocess.Popen(
                [*called, str(folder)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # The exit status of the process must be read, or the process stays a zombie.
        Thread(target=process.wait, daemon=True).start()
    return begun


def cancel_report(installation: Installation) -> None:
    """Ask the process that makes a report to end; an earlier report is kept.

    Raises
    ------
    OSError
        The study's folder cannot be written to.
    """
    (report_folder(installation) / CANCEL).touch()


def is_being_cancelled(installation: Installation) -> bool:
    """Whether the report's process has been asked to end."""
    return (report_folder(installation) / CANCEL).exists()
