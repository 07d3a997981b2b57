"""Progress of a command's work, on stderr: a bar at a terminal, occasional plain lines elsewhere.

In a log file, under systemd or in CI, nobody sees a bar. Without a terminal, a line is printed
every ten seconds during the work, so that a long step can be distinguished from a hanging program:
``mixtrial: build, 12 of 60, after 40 s, about 160 s left: harbour by cnn``. stdout holds only a
command's result.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_EVERY_S = 10.0
# The speed of the work is measured over an hour, because one song may take minutes.
PACE_OVER_S = 3600.0


class Show(Protocol):
    """Function called with the progress of the work; if the total is 1.0, ``done`` is a share."""

    def __call__(self, done: float, total: float | None = None, text: str = "") -> None:
        """Show it."""


@contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Show]:
    """Show the progress of the work in the ``with`` block.

    Parameters
    ----------
    title
        Name of the work in a word or two, such as ``build``.
    total
        Number of steps, or 1.0 if progress is given as a share; None while the number is unknown.
    """
    console = Console(file=sys.stderr)
    with _bar(console, total) if console.is_terminal else _lines(title, total) as show:
        yield show


@contextmanager
def _bar(console: Console, total: float | None) -> Iterator[Show]:
    """Return a bar that vanishes when the work is done."""
    columns = (
        BarColumn(),
        TextColumn("{task.fields[far]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(
        *columns, console=console, transient=True, speed_estimate_period=PACE_OVER_S
    ) as bar:
        task = bar.add_task("", total=total, far="")

        def show(done: float, total: float | None = total, text: str = "") -> None:
            bar.update(
                task, completed=done, total=total, description=text, far=how_far(done, total)
            )

        yield show


@contextmanager
def _lines(title: str, total: float | None) -> Iterator[Show]:
    """Return a function that stores the progress; a thread prints it from time to time."""
    began, state = time.monotonic(), (0.0, total, "")
    # Time and amount of finished work when the total amount was first known.
    first: tuple[float, float] | None = None
    ended = Event()

    def show(done: float, total: float | None = total, text: str = "") -> None:
        nonlocal state, first
        state = (done, total, text)
        if first is None and total is not None:
            first = (time.monotonic(), done)

    def line() -> str:
        (done, in_all, text), now = state, time.monotonic()
        left = ""
        if first is not None and in_all is not None:
            left = time_left(now - first[0], done - first[1], in_all - done)
        parts = (title, how_far(done, in_all), f"after {now - began:.0f} s", left)
        said = ", ".join(part for part in parts if part)
        return f"mixtrial: {said}: {text}" if text else f"mixtrial: {said}"

    writer = Thread(target=_write_lines, args=(line, ended), name="progress", daemon=True)
    writer.start()
    try:
        yield show
    finally:
        ended.set()
        writer.join()


def _write_lines(line: Callable[[], str], ended: Event) -> None:
    while not ended.wait(LINE_EVERY_S):
        print(line(), file=sys.stderr, flush=True)  # noqa: T201 - the very purpose


def time_left(spent_s: float, gone: float, still: float) -> str:
    """Remaining time at the pace so far, such as ``about 90 s left``; empty at the beginning."""
    if gone <= 0 or still <= 0:
        return ""
    seconds = spent_s * still / gone
    return f"about {seconds:.0f} s left" if seconds < 180 else f"about {seconds / 60:.0f} min left"


def how_far(done: float, total: float | None) -> str:
    """Text such as ``12 of 60``, or ``45 %`` if the total is 1.0; empty if it is unknown."""
    if total is None:
        return ""
    return f"{100 * done:.0f} %" if total == 1.0 else f"{done:.0f} of {total:.0f}"
