"""From an empty folder to a link that people take part by, in the browser alone."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_study import new_context, running_browser
from db.reading.at_a_glance import glance_at
from running_studio import RunningStudio, running_studio, write_codecs
from studio_walk import FURTHER_LISTENERS, NAME, Walk

pytestmark = pytest.mark.browser
MOST_PRESSES = 25


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    """A studio on an empty folder."""
    folder = tmp_path_factory.mktemp("studio") / "studies"
    folder.mkdir()
    with running_studio(folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser."""
    with running_browser() as running:
        yield running


def children_of(pid: int) -> set[int]:
    """Processes that a process has started, with theirs."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in pairs if parent in new} - found
        found |= new
    return found


def test_from_an_empty_folder_to_a_pdf_without_a_file_being_written_by_hand(
    studio: RunningStudio, browser: Any, tmp_path: Path
) -> None:
    """A link in at most 25 presses; from the last rating to p in three; a server killed between."""
    context = new_context(browser)
    walk = Walk(studio, browser, context.new_page(), write_codecs(tmp_path))
    walk.to("make")
    who = walk.who
    who.press("Build the study")
    who.page.get_by_role("button", name="Cancel").or_(opens(who.page)).wait_for()
    who.page.close()  # the build goes on without a browser
    who.page = context.new_page()
    who.page.goto(f"{studio.url}/admin?study={NAME}")
    opens(who.page).wait_for()
    signed_out = urllib.request.Request(f"{walk.link}admin")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(signed_out)
    walk.to("open")
    assert who.n_presses <= MOST_PRESSES
    (server,) = children_of(studio.process.pid) - children_of_studio(studio)
    walk.to("rate")
    seen = glance_at(studio.folder / NAME / "mixtrial.sqlite")
    assert seen is not None
    assert (seen.status, seen.finished) == ("open", 1)
    who.page.goto(f"{walk.link}admin")
    who.page.get_by_role("button", name="Sign out").wait_for()
    os.kill(server, signal.SIGKILL)
    walk.to("report")
    assert walk.presses_to_p <= 3
    walk.to("pdf")
    assert walk.pdf.startswith(b"%PDF-")
    put_away_and_bring_back(who.page, studio)
    context.close()


def opens(page: Any) -> Any:
    """The button that opens a study, once it is built."""
    return page.get_by_role("button", name="Open the study")


def put_away_and_bring_back(page: Any, studio: RunningStudio) -> None:
    """Copy the study, throw the copy away and restore it, archive the study and bring it back."""
    page.goto(studio.url)

    def row(name: str) -> Any:
        return page.locator(f"[class*=st-key-sx-row-{name}]")

    name, copy = NAME, f"{NAME}-copy"
    mine = page.locator(f".st-key-sx-row-{name}")
    mine.get_by_role("button", name="Duplicate").click()
    row(copy).get_by_text("nobody has taken part").wait_for()
    assert not (studio.folder / copy / "mixtrial.sqlite").exists()
    row(copy).get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Move to the trash").click()
    row(f"trash-{copy}").get_by_role("button", name="Restore").wait_for()
    assert not (studio.folder / copy).exists()
    row(f"trash-{copy}").get_by_role("button", name="Restore").click()
    row(copy).get_by_role("button", name="Duplicate").wait_for()
    assert (studio.folder / copy / "study.yaml").is_file()
    mine.get_by_role("button", name="Archive").click()
    mine.get_by_role("button", name="Bring back").wait_for()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{studio.url}/s/{name}/")
    mine.get_by_role("button", name="Bring back").click()
    mine.get_by_role("button", name="Archive").wait_for()
    n = 1 + FURTHER_LISTENERS
    mine.get_by_text(f"{n} finished of {n} who came").wait_for()


def children_of_studio(studio: RunningStudio) -> set[int]:
    """The studio's own server among its processes."""
    return {min(children_of(studio.process.pid))}
