"""A study of another tool, from its file to a rating in the browser and to the table of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis.ratings.table import read_ratings
from browser_study import Server, Walker, running_browser, running_server
from docs_examples import example_of
from mixtrial.commands.cli import app
from other_tools import write_tones
from page_walks import rate_sliders

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}}


def run(*words: object) -> None:
    """A command, which has to end well."""
    told = CliRunner().invoke(app, [str(word) for word in words])
    assert told.exit_code == 0, (words, told.output, told.exception)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of docs/from-webmushra.md, imported and built."""
    folder = tmp_path_factory.mktemp("imported")
    write_tones(folder / "site" / "media", ("reference.wav", "a.wav", "b.wav"))
    (folder / "site" / "configs").mkdir()
    config = folder / "site" / "configs" / "harbour.yaml"
    config.write_text(example_of("from-webmushra.md", "yaml"), encoding="utf-8")
    run("import", "study", config, "--out", folder / "harbour")
    run("build", folder / "harbour" / "study.yaml", "--workers", 1)
    return folder / "harbour" / "study.yaml"


@pytest.fixture(scope="module")
def server(study: Path) -> Iterator[Server]:
    """The study, served."""
    with running_server(study) as running:
        yield running


@pytest.fixture
def walker(server: Server) -> Iterator[Walker]:
    """A participant with a phone."""
    with running_browser() as browser:
        walker = Walker(browser, server, **PHONE)
        yield walker
        walker.close()


def test_a_study_of_webmushra_is_rated_on_a_phone_and_goes_into_a_table(
    walker: Walker, study: Path, tmp_path: Path
) -> None:
    """Its words, its reference and anchors, its questionnaire; and each rating that was given."""
    page: Any = walker.page
    page.goto(f"{walker.server.url}/")
    page.get_by_text("Mind this: listen to each version twice.", exact=True).wait_for()
    assert page.get_by_text("Welcome", exact=True).last.is_visible()  # a paragraph of its own
    walker.go_to_first_page()
    assert page.get_by_text("Rate each version.").is_visible()
    assert walker.overflow_px() == 0
    given = rate_sliders(page)
    assert len(given) == len(("reference", "low", "mid", "codec_a", "codec_b"))
    walker.next()
    page.get_by_label("Years of mixing").fill("7")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Thank you for taking part.").wait_for()
    assert walker.troubles == []
    run("export", study, "--out", tmp_path / "ratings.csv")
    table = read_ratings(tmp_path / "ratings.csv")
    assert sorted(table["rating"]) == sorted(given.values())
    assert {"codec_a", "codec_b", "reference"} < set(table["system"])
    assert set(table["song"]) == {"chorus"}
