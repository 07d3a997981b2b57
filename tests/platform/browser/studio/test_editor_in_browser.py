"""A study file is edited in the browser: typed, faulty, undone, saved, and by two at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_study import new_context, running_browser
from held_answers import HeldAnswers, Seen
from mixtrial.studio.editor.document.merging import difference
from page_audit import wait_until_drawn
from running_studio import PASSWORD, RunningStudio, running_studio, wav

pytestmark = pytest.mark.browser

STUDY = """\
# Written by hand.
title: One   # shown to everybody
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac}
systems: [baseline, cnn]
attributes:
  - name: overall   # answers
    question: "How good is it?"
range: {minimum: 0, maximum: 100}
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    """A studio on a folder with one study."""
    folder = tmp_path_factory.mktemp("edited")
    (folder / "one").mkdir()
    for name in ("v.flac", "b.flac"):
        (folder / "one" / name).write_bytes(b"")
    (folder / "one" / "study.yaml").write_text(STUDY, encoding="utf-8")
    with running_studio(folder) as running:
        yield running


def editor(browser: Any, studio: RunningStudio) -> Any:
    """The editor of the study in a browser of its own."""
    page = new_context(browser).new_page()
    page.goto(studio.url)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_text("nothing to correct").wait_for()
    return page


def section(page: Any, name: str) -> None:
    """Another section."""
    page.get_by_role("radio", name=name, exact=True).click()


def field(page: Any, label: str) -> Any:
    """A field of the section; the study's own, where an entry has one of the name too."""
    return page.get_by_role("textbox", name=label, exact=True).last


def every_way(page: Any) -> dict[str, Seen]:
    """Go every way through the studio once; what of the former page each press leaves."""
    answers, seen = HeldAnswers(page), dict[str, Seen]()
    page.reload()
    page.get_by_text("nothing to correct").wait_for()
    wait_until_drawn(page)
    for way, role, group, there in WAYS:
        button = page.get_by_role(role, name=way, exact=True)
        former = f'[class*="st-key-dx-{group}-"] [data-testid="stElementContainer"]'
        seen[f"{len(seen)} {way}"] = answers.press(button, former, f".st-key-dx-waiting-{group}")
        answers.go_on()
        page.get_by_text(there, exact=True).locator("visible=true").first.wait_for()
        page.locator(".dx-skeleton").locator("visible=true").first.wait_for(state="detached")
        wait_until_drawn(page)
    return seen


WAYS = (
    ("Questions", "radio", "section", "Add an attribute"),
    ("Back to the study", "button", "page", "All studies"),
    ("All studies", "button", "page", "New study"),
    ("New study", "button", "page", "Make the study"),
    # without a title: the same page again
    ("Make the study", "button", "page", "The title of a study must have 1 to 200 characters."),
    ("All studies", "button", "page", "New study"),
    ("Show", "button", "page", "All studies"),
    ("Edit", "button", "page", "nothing to correct"),
)
"""What is pressed, its role, what it takes away, and a text of what comes."""


@pytest.mark.slow
def test_a_study_is_edited_by_two_and_every_other_sign_of_it_stays(
    studio: RunningStudio,
) -> None:
    """The file's difference is what both meant; nobody was asked to write YAML."""
    path: Path = studio.folder / "one" / "study.yaml"
    with running_browser() as browser:
        page, other = editor(browser, studio), editor(browser, studio)
        field(page, "Title *").fill("Two")
        page.get_by_text("not saved", exact=True).wait_for()
        section(page, "Questions")
        page.get_by_role("button", name="Add an attribute").click()
        page.wait_for_function(
            "[...document.querySelectorAll('input')].some((each) => each.value === 'attribute_2')"
        )
        field(page, "Question *").fill("How wide is it?")
        field(page, "Maximum").fill("0")
        page.locator(".ed-fault", has_text="its minimum must be less than its maximum").wait_for()
        page.get_by_text("1 to correct").wait_for()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("nothing to correct").wait_for()
        section(page, "Sound")
        page.get_by_label("Replace: harbour, vocal").set_input_files(
            {"name": "Take 2.wav", "mimeType": "audio/wav", "buffer": wav()}
        )
        page.locator("td", has_text="Take 2.wav").get_by_text("LUFS").wait_for()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved.", exact=True).wait_for()
        assert path.read_text("utf-8") == STUDY.replace("One ", "Two ").replace(
            "range", "  - name: attribute_2\n    question: How wide is it?\nrange"
        ).replace("v.flac", "audio/harbour/vocal/Take 2.wav")
        field(other, "Description").fill("By the second.")
        other.get_by_text("Somebody else changed the file").wait_for()
        other.get_by_role("button", name="Keep both changes").click()
        other.get_by_text("save to write both").wait_for()
        other.get_by_role("button", name="Save").click()
        other.get_by_text("Saved.", exact=True).wait_for()
        seen = every_way(other)
    assert {way: found for way, found in seen.items() if found.n_left or not found.n_former} == {}
    assert [way for way, found in seen.items() if not found.skeleton] == []
    assert difference(STUDY, path.read_text("utf-8")).splitlines() == [
        "-title: One   # shown to everybody",
        "+title: Two   # shown to everybody", "+description: By the second.",
        "-  - {name: harbour, vocal: v.flac, backing: b.flac}",
        "+  - {name: harbour, vocal: audio/harbour/vocal/Take 2.wav, backing: b.flac}",
        "+  - name: attribute_2", "+    question: How wide is it?",
    ]  # fmt: skip
