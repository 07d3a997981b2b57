"""Comments in the participants' own words: written, kept, stored, and never taken for markup."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from browser_study import (
    TWO_ATTRIBUTES,
    Server,
    Walker,
    running_browser,
    running_server,
    write_study,
)
from db.store.store import open_store
from stimuli.loading.load import load_study

pytestmark = pytest.mark.browser
MARKUP = '<img src=x onerror="document.title=1"> & "quotes", 混音 🎧'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study that asks for comments on mixes and pages."""
    study = write_study(
        tmp_path_factory.mktemp("comments"), more=[TWO_ATTRIBUTES, "comments: both"]
    )
    with running_server(study) as server:
        yield server


def said_of(server: Server) -> list[tuple[str, int | None, str]]:
    """Comments in the export of events: kind, place of the mix on the page from 1, words."""
    store = open_store(server.database_url)
    try:
        events = store.events(load_study(server.study).identifier)
    finally:
        store.close()
    events = events[events["event"].str.startswith("comment")]
    orders = [int(order) if str(order).isdecimal() else None for order in events["stimulus_order"]]
    return list(zip(events["event"], orders, events["value"], strict=True))


def test_comments_are_stored_with_the_ratings_and_survive_a_reload(server: Server) -> None:
    """On a mix and on the page; 2000 signs; markup stays text; letters typed switch no mix."""
    long = "abcdefghij" * 201
    with running_browser() as browser:
        walker = Walker(
            browser, server, viewport={"width": 390, "height": 850}, color_scheme="dark"
        )
        page = walker.page
        walker.return_to_first_page()
        walker.rate(1, 60)
        field = page.get_by_label("Comment on mix B (optional)")
        field.press_sequentially("dacb ")
        field.fill(MARKUP)
        page.get_by_label("Comment on this page (optional)").fill(long)
        assert page.locator(".stimulus.chosen .name").inner_text() == "B"
        if folder := os.environ.get("MIXTRIAL_PICTURES"):
            page.screenshot(path=f"{folder}/comments-390-dark.png", full_page=True)
        page.reload()
        walker.wait_for_page()
        page.locator(".letter").nth(1).click()
        assert field.input_value() == MARKUP
        assert page.get_by_label("Comment on this page (optional)").input_value() == long[:2000]
        assert walker.overflow_px() == 0
        walker.rate_page(lambda slot, number: 10 * slot + number, 2)
        page.get_by_text("Song 1 of 2").wait_for()
        assert (page.title() == "1", walker.troubles) == (False, [])
        walker.close()
    said = said_of(server)
    assert ("comment", 2, MARKUP) in said
    on_page = [words for _, order, words in said if order is None]
    assert "".join(on_page[-10:]) == long[:2000]
    assert [len(words) for words in on_page[-10:]] == [200] * 10


def test_a_study_asks_for_no_comments_by_default(server: Server) -> None:
    """Without the key there is no field."""
    assert load_study(server.study).comments == "both"
    content = server.study.read_text(encoding="utf-8").replace("comments: both\n", "")
    plain = server.study.with_name("plain.yaml")
    plain.write_text(content, encoding="utf-8")
    assert load_study(plain).comments == "none"
