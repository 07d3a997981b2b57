"""A page type of another installed package, in a browser: served, rated, stored."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from browser_study import SYSTEMS, Walker, running_browser, running_server, write_study
from db.store.store import open_store
from docs_examples import example_of

pytestmark = pytest.mark.browser
MORE = ("parts: [{type: glance}]", "pages: {training: false}")


def install(folder: Path) -> None:
    """Put the page type of the documents into a folder, as pip would install its package."""
    info = folder / "looks-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: looks\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[mixtrial.page_types]\nglance = looks_code\n")
    for language, ending in (("python", "py"), ("js", "js")):
        source = example_of("add-a-page-type.md", language, name="glance")
        (folder / f"looks_code.{ending}").write_text(source, encoding="utf-8")


@pytest.mark.slow
def test_a_page_type_of_another_package_is_walked_from_link_to_thanks(tmp_path: Path) -> None:
    """Its board comes from that package, plays each mix once, and its ratings are stored."""
    install(tmp_path / "site")
    (tmp_path / "study").mkdir()
    study = write_study(tmp_path / "study", more=MORE)
    paths = os.pathsep.join(filter(None, (str(tmp_path / "site"), os.environ.get("PYTHONPATH"))))
    with running_server(study, PYTHONPATH=paths) as server, running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 900})
        walker.go_to_first_page()
        assert walker.page.locator(".rating .slider").count() == len(SYSTEMS)
        for heading in ("Song 1 of 2", "Song 2 of 2"):
            walker.page.get_by_text(heading).first.wait_for()
            walker.wait_for_page()
            for slot in range(len(SYSTEMS)):
                walker.page.locator(".board .letter").nth(slot).click()
                walker.page.locator(".slider").nth(slot).fill(str(11 + 20 * slot))
            walker.next()
        walker.page.get_by_text("Your personal code").wait_for()
        assert walker.troubles == []
        token = walker.token
        walker.close()
        store = open_store(server.database_url)
        participant = store.find_participant(token)
        assert participant is not None
        assert participant.step == "thanks"
        assert {page.page_type for page in participant.pages} == {"glance"}
        store.close()
