"""Work says how far it is: to a terminal by a bar, to a log file by a line now and then."""

from __future__ import annotations

import io
import re
import sys
import threading

import pytest

from mixtrial.terminal import progress_bar as module
from mixtrial.terminal.progress_bar import how_far, progress, time_left


class Log(io.StringIO):
    """A log file that says when a line has come that holds a text."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self._awaited = awaited
        self.came = threading.Event()

    def write(self, text: str) -> int:
        """Take the text."""
        if self._awaited in text:
            self.came.set()
        return super().write(text)


class Terminal(io.StringIO):
    """Stream that calls itself a terminal."""

    def isatty(self) -> bool:
        """Whether somebody is looking."""
        return True


def test_without_a_terminal_a_plain_line_comes_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is done, how far, since when and what now; stdout stays clean."""
    log = Log("harbour by cnn")
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(module, "LINE_EVERY_S", 0.01)
    with progress("build") as show:
        show(12, 60, "harbour by cnn")
        assert log.came.wait(60)
    lines = log.getvalue().splitlines()
    assert re.fullmatch(
        r"mixtrial: build, 12 of 60, after \d+ s: harbour by cnn", lines[-1]
    ), lines  # fmt: skip
    assert "\x1b" not in log.getvalue()
    assert capsys.readouterr().out == ""


def test_a_long_step_is_told_from_a_hanging_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines come while nothing has moved yet, and end with the work, however that ends."""
    log = Log("mixtrial: report, 0 %")
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(module, "LINE_EVERY_S", 0.01)

    def work() -> None:
        with progress("report", 1.0):
            assert log.came.wait(60)
            raise ValueError("no ratings")

    with pytest.raises(ValueError, match="no ratings"):
        work()
    assert "progress" not in {thread.name for thread in threading.enumerate()}


def test_quick_work_writes_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work done before the first line is due leaves the log empty."""
    log = Log("mixtrial")
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(module, "LINE_EVERY_S", 3600.0)
    with progress("simulate", 3) as show:
        show(3)
    assert log.getvalue() == ""


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar names the step as it is written: brackets are no markup."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress("build") as show:
        show(12, 60, "song [red] by cnn")
    assert "12 of 60" in terminal.getvalue()
    assert "left" in terminal.getvalue()
    assert "song [red] by cnn" in terminal.getvalue()


@pytest.mark.parametrize(
    ("spent_s", "gone", "still", "said"),
    [
        (30.0, 1, 3, "about 90 s left"),
        (30.0, 0.5, 0.5, "about 30 s left"),
        (600.0, 2, 10, "about 50 min left"),
        (60.0, 0, 10, ""),
        (60.0, 5, 0, ""),
    ],
)
def test_time_left_follows_the_pace_so_far(
    spent_s: float, gone: float, still: float, said: str
) -> None:
    """Three more like one that took 30 s take 90 s; before the first nothing is known."""
    assert time_left(spent_s, gone, still) == said


def test_songs_done_before_a_kill_do_not_count_for_the_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Gone on with at 50 of 60: the time left is told from the next song on, by that song."""
    log = Log("left: harbour")
    monkeypatch.setattr(sys, "stderr", log)
    monkeypatch.setattr(module, "LINE_EVERY_S", 0.01)
    with progress("prepare") as show:
        show(50, 60)
        show(51, 60, "harbour")
        assert log.came.wait(60)
    assert re.search(r"51 of 60, after \d+ s, about \d+ (s|min) left: harbour", log.getvalue())
    assert not re.search(r"50 of 60.* left", log.getvalue())


@pytest.mark.parametrize(
    ("done", "total", "said"), [(12, 60, "12 of 60"), (0.45, 1.0, "45 %"), (3, None, "")]
)
def test_shares_and_counts_are_told_apart(done: float, total: float | None, said: str) -> None:
    """A total of 1 means a share."""
    assert how_far(done, total) == said
