"""How far a command's work is, on stderr: a bar at a terminal, a plain line now and then elsewhere.

In a log file, under systemd or in CI nobody sees a bar. There a line comes every ten seconds for as
long as the work goes on, changed or not, so that a long step is told from a hanging program:
``mixtrial: build, 12 of 60, after 40 s: harbour by cnn``. What a command answers stays alone on
stdout.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

LINE_EVERY_S = 10.0


class Show(Protocol):
    """Called to say how far the work is; a total of 1.0 means that ``done`` is a share."""

    def __call__(self, done: float, total: float | None = None, text: str = "") -> None:
        """Show it."""


@contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Show]:
    """Show how far the work inside the block is.

    Parameters
    ----------
    title
        What is done, in a word or two: ``build``.
    total
        Steps in all, or 1.0 where shares are told; None while it is not known.
    """
    from rich.console import Console

    console = Console(file=sys.stderr)
    with _bar(console, total) if console.is_terminal else _lines(title, total) as show:
        yield show


@contextmanager
def _bar(console: Console, total: float | None) -> Iterator[Show]:
    """Return a bar that vanishes when the work is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        TextColumn("{task.fields[far]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, far="")

        def show(done: float, total: float | None = total, text: str = "") -> None:
            bar.update(
                task, completed=done, total=total, description=text, far=how_far(done, total)
            )

        yield show


@contextmanager
def _lines(title: str, total: float | None) -> Iterator[Show]:
    """Return what only remembers; a thread writes it down now and then."""
    began, state = time.monotonic(), (0.0, total, "")
    ended = Event()

    def show(done: float, total: float | None = total, text: str = "") -> None:
        nonlocal state
        state = (done, total, text)

    def line() -> str:
        done, in_all, text = state
        parts = (title, how_far(done, in_all), f"after {time.monotonic() - began:.0f} s")
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


def how_far(done: float, total: float | None) -> str:
    """``12 of 60``, or ``45 %`` of a total of 1.0; empty where the total is not known."""
    if total is None:
        return ""
    return f"{100 * done:.0f} %" if total == 1.0 else f"{done:.0f} of {total:.0f}"
