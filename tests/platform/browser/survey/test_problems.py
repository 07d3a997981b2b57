"""Pages of what goes wrong: a study that cannot be read, and a fault that nobody foresaw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_study import Server, Walker, running_browser, running_server, write_study
from page_audit import COUNT_DIALOGS, GROUND, OF_COLOURS, serious_findings
from places import SUPPORT

pytestmark = pytest.mark.browser

FAULTY_APP = SUPPORT / "apps" / "faulty.py"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose study file has a misspelt key."""
    study = write_study(tmp_path_factory.mktemp("unread"), is_built=False)
    study.write_text(study.read_text(encoding="utf-8") + "sytems: []\n", encoding="utf-8")
    with running_server(study, health="/_stcore/health") as server:
        yield server


def test_a_study_that_cannot_be_read_has_a_page_for_participants_and_one_for_researchers(
    browser: Any, unread: Server
) -> None:
    """The one says that nothing is lost, the other where to look; axe-core finds nothing."""
    walker = Walker(browser, unread, viewport={"width": 390, "height": 844}, color_scheme="light")
    page = walker.page
    page.goto(f"{unread.url}/")
    page.get_by_text("The study cannot be reached at the moment").wait_for()
    page.locator("main .mx-text").get_by_text("Nothing you have answered is lost").wait_for()
    assert "sytems" not in page.content()
    assert walker.overflow_px() == 0
    found = findings_in_light_and_dark(page)
    page.goto(f"{unread.url}/admin")
    page.get_by_text("The server's log says why").wait_for()
    assert "sytems" not in page.content()
    assert found + findings_in_light_and_dark(page) == []
    walker.close()


def findings_in_light_and_dark(page: Any) -> list[str]:
    """Findings of axe-core on a page that is light, and then dark."""
    found = serious_findings(page)
    light = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => {GROUND} !== light", arg=light)
    found += serious_findings(page, OF_COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def test_a_lost_connection_is_told_in_our_words_and_leaves_the_player_free(
    browser: Any, tmp_path: Path
) -> None:
    """Streamlit's dialog closes, the focus is back at once; rating and saving go on."""
    with running_server(write_study(tmp_path)) as server:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 768})
        page = walker.page
        walker.return_to_first_page()
        walker.rate(0, 40)
        page.keyboard.press("b")
        held = page.locator(".stimulus:nth-of-type(3) .slider:focus")
        held.wait_for()
        page.evaluate(COUNT_DIALOGS)
        server.stop()
        page.get_by_text("The connection is interrupted").wait_for()
        page.wait_for_function("window.dialogs && !document.querySelector('[role=dialog]')")
        held.wait_for()
        page.keyboard.press("PageUp")
        walker.rate(2, 70)
        page.get_by_text("Offline: kept on this device").wait_for()
        shown = [page.locator(".value b").nth(slot).inner_text() for slot in range(3)]
        assert shown == ["40", "60", "70"]
        server.start()
        page.get_by_text("Answers saved").wait_for()
        page.get_by_text("The connection is interrupted").wait_for(state="hidden")
        walker.close()


def test_a_fault_nobody_foresaw_gives_a_page_of_ours_and_a_line_in_the_log(
    browser: Any, tmp_path: Path
) -> None:
    """Not Streamlit's box: what happened, that nothing is lost, a button; the log has the cause."""
    study = write_study(tmp_path)
    fault = tmp_path / "fault"
    fault.touch()
    with running_server(study, FAULTY_APP, MIXTRIAL_ADMIN_PASSWORD="of the tests") as server:
        walker = Walker(browser, server, viewport={"width": 390, "height": 844})
        page = walker.page
        ways = {
            "/": ("Something went wrong here", "I agree and take part"),
            "/admin": ("This page could not be drawn", "Sign in to follow the study"),
        }
        for path, (apology, healthy) in ways.items():
            page.goto(server.url + path)
            page.get_by_text(apology).wait_for()
            assert page.get_by_test_id("stException").count() == 0
            assert page.get_by_test_id("stAlert").count() == 0
            assert "a fault of the tests" not in page.content()
            assert path == "/" or serious_findings(page) == []
            fault.unlink()
            page.get_by_role("button", name="Try again").click()
            page.get_by_text(healthy).wait_for()
            page.get_by_text(apology).wait_for(state="detached")
            fault.touch()
        walker.close()
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    for pages in ("survey", "dashboard"):
        assert f"a page of the {pages} could not be drawn" in log
    assert "KeyError: 'a fault of the tests'" in log
