"""Studies of other tools, from their file to answers in the browser, our table and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from browser_study import Server, Walker, running_browser, running_server
from db.records.participation import Page
from mixtrial.commands.cli import app
from other_tools import WEBMUSHRA, write_waet, write_webmushra
from page_walks import (
    NAMES,
    Answers,
    grade_impairments,
    hear_all,
    listen,
    place_markers,
    rate_sliders,
    wait_until_enough,
)

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}}
DESK = {"viewport": {"width": 1280, "height": 900}}
SCALES = {"stars": {"likert": 3}, "alone": {"likert_2": 2, "likert_3": 3}}
"""Number of responses of each scale of a page, by its song."""
AXES = ("clarity", "warmth")


def run(*words: object) -> None:
    """A command, which has to end well."""
    told = CliRunner().invoke(app, [str(word) for word in words])
    assert told.exit_code == 0, (words, told.output, told.exception)


def imported(project: Path, folder: Path) -> Path:
    """The study file of another tool's project, imported and built."""
    run("import", "study", project, "--out", folder)
    run("build", folder / "study.yaml", "--workers", 1)
    return folder / "study.yaml"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for both studies."""
    with running_browser() as running:
        yield running


def rate_by_words(page: Any, asked: Page) -> Answers:
    """Hear each stimulus, to its end where that has to be, and choose a response on each scale."""
    said = {}
    scales = SCALES[asked.song]
    for step, (scale, n_words) in enumerate(scales.items()):
        for slot in range(len(asked.rated_slots)):
            listen(page, NAMES[slot])
            if asked.song == "stars":  # mustPlayback: ended
                wait_until_enough(page, slot)
            choice = (slot + step + 1) % n_words
            page.locator(".points").nth(slot).locator("input").nth(choice).check(force=True)
            said[slot, scale] = choice + 1.0
        if step < len(scales) - 1:
            page.locator(".next").click()
    return said


def answer(page: Any, asked: Page) -> Answers:
    """Answer a page of webMUSHRA's as what it became."""
    if asked.song in SCALES:
        return rate_by_words(page, asked)
    if asked.page_type == "abx":
        hear_all(page)
        page.get_by_role("radio", name="X is version A").check()
        return {}
    if asked.page_type == "bs1116":
        return grade_impairments(page)
    said = rate_sliders(page)
    [at] = [slot.position for slot in asked.rated_slots if slot.system == "reference"]
    listen(page, NAMES[at])
    page.locator(".slider").nth(at).fill("100")  # or they are screened out
    return said | {(at, "overall"): 100.0}


def leave(walker: Walker) -> None:
    """Press the page's main button, and wait until the page is gone: the next may look alike."""
    page = walker.page
    page.locator(".rating .next[aria-disabled=false]").wait_for()
    shown = page.locator(".rating").element_handle()
    walker.next()
    page.wait_for_function("shown => !shown.isConnected", arg=shown)


def given(server: Server, token: str, said: list[Answers]) -> list[tuple[str, str, str, float]]:
    """Song, system, attribute and rating of what was set, with the systems that were heard."""
    pages = server.participant(token).pages
    return sorted(
        (page.song, slot.system, attribute, value)
        for page, answers in zip(pages, said, strict=True)
        for (position, attribute), value in answers.items()
        for slot in page.slots
        if slot.position == position and slot.role == "rated"
    )


def exported(study: Path, folder: Path) -> list[tuple[str, str, str, float]]:
    """The same of the table of ratings."""
    run("export", study, "--out", folder / "ratings.csv")
    table = pd.read_csv(folder / "ratings.csv")
    columns = ("song", "system", "attribute", "rating")
    return sorted(zip(*(table[column] for column in columns), strict=True))


def reported(study: Path, folder: Path) -> dict[str, Any]:
    """Content of the report's results."""
    run("report", study, "--out", folder / "report", "--no-pictures")
    return json.loads((folder / "report" / "results.json").read_text("utf-8"))  # type: ignore[no-any-return]


@pytest.mark.slow
def test_a_study_of_webmushra_is_rated_on_a_phone_and_goes_into_table_and_report(
    browser: Any, tmp_path: Path
) -> None:
    """Each page type that it has: its words, reference, anchors, responses, and each answer."""
    text = WEBMUSHRA.replace("language: fr", "language: en")
    text = text.replace("unforced: I cannot tell", "enableLooping: true")
    study = imported(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    with running_server(study) as server:
        walker = Walker(browser, server, **PHONE)
        page = walker.page
        page.goto(f"{server.url}/")
        page.get_by_text("Mind this: listen twice.").wait_for()
        page.get_by_text("Welcome", exact=True).last.wait_for()  # a paragraph of its own
        page.get_by_text("Please read: you may stop.").wait_for()
        walker.go_to_first_page()
        page.get_by_text("Rate each version.").wait_for()
        token, said = walker.token, []
        for asked in server.participant(token).pages:
            page.locator(f"[data-part={asked.part}] .letter:enabled").first.wait_for()
            assert walker.overflow_px() == 0, asked
            said.append(answer(page, asked))
            leave(walker)
        page.get_by_label("Years of mixing").fill("7")
        page.get_by_test_id("stRadioOption").filter(has_text="Headphones").click()
        page.get_by_role("button", name="Continue").click()
        page.get_by_text("Thank you for taking part.").wait_for()
        assert walker.troubles == []
        walker.close()
        rows = given(server, token, said)
    assert exported(study, tmp_path) == rows
    assert {song for song, *_ in rows} == {
        "harbour_chorus", "harbour_verse", "stars", "alone", "small",
    }  # fmt: skip
    run("export", study, "--table", "trials", "--out", tmp_path / "trials.csv")
    [trial] = pd.read_csv(tmp_path / "trials.csv").itertuples()
    assert {trial.system_a, trial.system_b} == {"reference_file", "CNN_mix"}
    results = reported(study, tmp_path)
    means = {
        each["system"]: each["mean"]
        for each in results["attributes"]["overall"]["descriptives"]
        if each["group"] is None
    }
    for system in ("baseline_file", "CNN_mix"):
        rated = [value for song, name, _, value in rows if name == system and "harbour" in song]
        assert means[system] == pytest.approx(sum(rated) / len(rated))


@pytest.mark.slow
def test_a_study_of_waet_is_rated_on_its_axes_and_goes_into_table_and_report(
    browser: Any, tmp_path: Path
) -> None:
    """Surveys before the test and after its page, comments, and a marker for each mix and axis."""
    study = imported(write_waet(tmp_path / "theirs"), tmp_path / "ours")
    with running_server(study) as server:
        walker = Walker(browser, server, **DESK)
        page = walker.page
        walker.agree()
        walker.answer_questions()
        page.get_by_text("Take your time.").wait_for()
        page.get_by_label("Years of mixing").fill("7")
        page.get_by_text("Drums").click()
        page.get_by_role("button", name="Continue").click()
        walker.set_volume()
        walker.wait_for_page()
        token = walker.token
        [asked] = server.participant(token).pages
        for name in ("How clear is it?", "How warm is it?", "Low", "High"):
            page.get_by_text(name, exact=True).first.wait_for()
        for slot in range(len(asked.slots)):
            listen(page, NAMES[slot])
            wait_until_enough(page, slot)
        said = place_markers(page, AXES)
        leave(walker)
        page.get_by_label("Which genre?").fill("Shanty")
        page.get_by_role("button", name="Continue").click()
        page.get_by_text("Please submit.").wait_for()
        assert walker.troubles == []
        walker.close()
        rows = given(server, token, [said])
        answers = server.participant(token).answers
    kept = {name: said for name, said in answers.items() if "answered_at" not in name}
    assert kept == {
        "before_1.years": "7",
        "before_1.plays": "drums",
        "between_2.1.genre-0": "Shanty",
    }
    assert len(rows) == len(("baseline_file", "deep")) * len(AXES)
    assert exported(study, tmp_path) == rows
    results = reported(study, tmp_path)
    means = [
        (asked.song, each["system"], axis, each["mean"])
        for axis, found in results["attributes"].items()
        for each in found["descriptives"]
        if each["group"] is None
    ]
    assert sorted(means) == rows
    answered = pd.read_csv(tmp_path / "report" / "tables" / "sample-answers.csv")
    answered = answered[answered["n"] == 1].set_index("key")
    assert answered.loc["before_1.years", "median"] == 7
    assert answered.loc["before_1.plays", "answer"] == "drums"
