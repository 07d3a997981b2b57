"""Every page of the survey under axe-core: nothing serious or critical, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser_study import Server, Walker, running_browser, running_server, write_study

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study."""
    with running_server(write_study(tmp_path_factory.mktemp("axe"))) as server:
        yield server


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_hinders_anybody_seriously(server: Server, scheme: str) -> None:
    """From the welcome to the thanks, and the page of a link that belongs to nobody."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="dev dependency")
    findings: list[str] = []
    with running_browser() as browser:
        walker = Walker(browser, server, color_scheme=scheme)
        page = walker.page

        def audit(name: str) -> None:
            page.wait_for_timeout(300)  # colours fade in
            findings.extend(
                f"{name}: {found['id']}: {found['nodes'][0]['html'][:100]}"
                for found in axe.Axe().run(page).response["violations"]
                if found["impact"] in ("serious", "critical")
            )

        page.goto(f"{server.url}/")
        page.get_by_role("button", name="I agree").wait_for()
        audit("welcome")
        walker.agree()
        audit("questions")
        walker.answer_questions()
        page.locator(".play:not([disabled])").wait_for()
        audit("volume")
        walker.set_volume()
        walker.wait_for_page()
        audit("practice, untouched")
        walker.rate(0, 70)
        page.get_by_text("Keyboard").click()
        audit("practice, one rated")
        for song in ("Song 1 of 2", "Song 2 of 2", "Your personal code"):
            walker.rate_page(value_of)
            page.get_by_text(song).wait_for()
            audit(song)
        page.goto(f"{server.url}/?p=nobody-has-this-token-000")
        page.get_by_text("This link does not work").wait_for()
        audit("foreign link")
        walker.close()
    assert findings == []


def value_of(slot: int, number: int) -> Any:
    """Some rating."""
    return 20 + 10 * slot + number
