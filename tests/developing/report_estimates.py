"""How far off the time left is that the dashboard tells of a report: four sizes, whole reports.

``python -m tests.developing.report_estimates`` writes each report with its pictures and its PDF,
listens to what is told, and prints for each size how long it took and the worst estimate after 10 %
of the work: by which factor it was too long or too short. The last seconds are left out, where a
second is a large factor.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.report.context import ReportContext
from analysis.report.write import write_report
from analysis.validation.bench import ratings
from mixtrial.reporting.job.progress import BEAT_S, LEAST_SHARE, ReportProgress

SIZES = {
    "small": (12, 4, 3, 1),
    "demo": (30, 8, 4, 5),
    "Li's size": (30, 15, 4, 5),
    "large": (500, 10, 8, 1),
}
"""Participants, songs, systems, attributes."""
LAST_S = 5.0


@dataclass
class Listener:
    """Records of a report's progress, with their times."""

    began_s: float = field(default_factory=time.time)
    told: list[ReportProgress] = field(default_factory=list)

    def __call__(self, share: float, what: str) -> None:
        """Take in one word."""
        now = time.time()
        self.told.append(ReportProgress("running", share, what, self.began_s, now, now))

    def factors(self) -> list[tuple[float, str]]:
        """Factor of each estimate that a view would have shown, and the stage it was shown in."""
        end_s, found = self.told[-1].told_s, []
        for told, then in zip(self.told, self.told[1:], strict=False):
            seconds = told.told_s
            while seconds < then.told_s and end_s - seconds > LAST_S:
                left_s = replace(told, written_s=seconds).left_s
                if left_s is not None and told.share >= LEAST_SHARE:
                    found.append((left_s / (end_s - seconds), told.what))
                seconds += BEAT_S
        return found


def line(name: str, size: tuple[int, int, int, int]) -> str:
    """One report, as a row of the table in docs/performance.md."""
    table, listener = ratings(*size), Listener()
    with tempfile.TemporaryDirectory() as folder:
        write_report(table, Path(folder), ReportContext(), listener)
    factors = listener.factors()
    longest, shortest = max(factors), min(factors)
    took_s = listener.told[-1].told_s - listener.began_s
    return (
        f"| {name}: {' × '.join(map(str, size))} | {took_s:.0f} s | {longest[0]:.2f}"
        f" ({longest[1]}) | {1 / shortest[0]:.2f} ({shortest[1]}) |"
    )


def main() -> None:
    """Print the table."""
    head = "| participants × songs × systems × attributes | took | too long by | too short by |"
    sys.stdout.write(f"{head}\n|---|---|---|---|\n")
    for name, size in SIZES.items():
        sys.stdout.write(f"{line(name, size)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
