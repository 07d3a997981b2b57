"""How a page's recordings come: all asked for at once, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

import browser_study
from browser_study import Walker, running_browser, running_server
from page_types_study import write_page_types_study
from tests.developing.bench_page import PARTS

pytestmark = pytest.mark.browser


def test_a_page_asks_for_its_seven_recordings_at_once_and_for_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None waits for another's end; how soon the page is ready is measured by ``make bench``."""
    monkeypatch.setattr(browser_study, "DURATION_S", 8.0)  # longer than the asking takes
    monkeypatch.setattr(browser_study, "SONGS", ("amber",))
    study = write_page_types_study(tmp_path, parts=PARTS)
    told: list[str] = []
    with running_server(study) as server, running_browser() as browser:
        walker = Walker(browser, server)
        walker.return_to_first_page()
        network = walker.context.new_cdp_session(walker.page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        walker.page.on("request", lambda each: told.append(f"asked {each.url}"))
        walker.page.on("requestfinished", lambda each: told.append(f"came {each.url}"))
        walker.page.reload()
        walker.wait_for_page()
        for _ in range(600):  # the browser tells of an end after the page has it
            if sum("/api/audio/" in line for line in told) >= 14:
                break
            walker.page.wait_for_timeout(100)
        walker.close()
    audio = [line for line in told if "/api/audio/" in line]
    assert [line.partition(" ")[0] for line in audio[:7]] == ["asked"] * 7
    assert len(set(audio[:7])) == 7
    assert sorted(line.removeprefix("came ") for line in audio[7:]) == sorted(
        line.removeprefix("asked ") for line in audio[:7]
    )
