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

from browser_study import new_context, rate_slider, running_browser
from db.reading.at_a_glance import glance_at
from running_studio import Researcher, RunningStudio, running_studio, write_codecs

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


def take_part(page: Any, link: str) -> None:
    """Come in by the link and rate every page of the study."""
    page.goto(link)
    page.get_by_role("button", name="I agree").click()
    page.get_by_text("What describes you best?").wait_for()
    for answer in ("Hobbyist", "Headphones"):
        page.get_by_test_id("stRadioOption").filter(has_text=answer).click()
    page.get_by_role("button", name="Continue").click()
    page.locator(".play:not([disabled])").click()
    page.get_by_role("button", name="This is comfortable").click()
    thanks = page.get_by_text("Thank you", exact=False)
    rated = page.locator(".rating:not([aria-busy=true]) .letter:not([disabled])")
    while not thanks.count():
        rated.first.or_(thanks.first).wait_for()
        if thanks.count():
            break
        for slot in range(page.locator(".slider").count()):
            rate_slider(page, page.locator(".letter").nth(slot), slot, 20 + 10 * slot)
        before = page.locator(".rating").first.inner_text()
        page.locator(".rating .next").click()
        page.wait_for_function(
            "(before) => document.body.innerText.includes('Thank you') || "
            "![...document.querySelectorAll('*')].some((each) => "
            "each.shadowRoot?.querySelector('.rating')?.innerText === before)",
            arg=before,
        )


def test_from_an_empty_folder_to_ratings_by_a_link_without_a_file_being_written_by_hand(
    studio: RunningStudio, browser: Any, tmp_path: Path
) -> None:
    """Title, files, build, open: at most 25 presses; a killed server is started again meanwhile."""
    files = write_codecs(tmp_path)
    context = new_context(browser)
    page = context.new_page()
    who = Researcher(page)
    who.sign_in(studio.url)
    page.get_by_text("There is no study yet.").wait_for()
    who.make_study("Which codec sounds best?", files)
    who.press("Build the study")
    page.get_by_role("button", name="Cancel").or_(opens(page)).wait_for()
    page.close()  # the build goes on without a browser
    page = context.new_page()
    page.goto(f"{studio.url}/admin?study=which-codec-sounds-best")
    who.page = page
    opens(page).wait_for()
    signed_out = urllib.request.Request(f"{studio.url}/s/which-codec-sounds-best/admin")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(signed_out)
    who.press("Open the study")
    link = f"{studio.url}/s/which-codec-sounds-best/"
    page.get_by_role("link", name=link, exact=True).wait_for()
    assert who.n_presses <= MOST_PRESSES
    (server,) = children_of(studio.process.pid) - children_of_studio(studio)
    take_part(new_context(browser).new_page(), link)
    seen = glance_at(studio.folder / "which-codec-sounds-best" / "mixtrial.sqlite")
    assert seen is not None
    assert (seen.status, seen.finished) == ("open", 1)
    page.goto(f"{link}admin")
    page.get_by_role("button", name="Sign out").wait_for()
    os.kill(server, signal.SIGKILL)
    page.goto(f"{link}admin")
    page.get_by_role("button", name="Sign out").wait_for()
    put_away_and_bring_back(page, studio)
    context.close()


def opens(page: Any) -> Any:
    """The button that opens a study, once it is built."""
    return page.get_by_role("button", name="Open the study")


def put_away_and_bring_back(page: Any, studio: RunningStudio) -> None:
    """Copy the study, throw the copy away and restore it, archive the study and bring it back."""
    page.goto(studio.url)

    def row(name: str) -> Any:
        return page.locator(f"[class*=st-key-sx-row-{name}]")

    name, copy = "which-codec-sounds-best", "which-codec-sounds-best-copy"
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
    mine.get_by_text("1 finished of 1 who came").wait_for()


def children_of_studio(studio: RunningStudio) -> set[int]:
    """The studio's own server among its processes."""
    return {min(children_of(studio.process.pid))}
