"""The editor's page: what is typed is in the file, what is wrong is said at its field."""

from __future__ import annotations

import html
import os
import shutil
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

import places
from mixtrial.studio.editor.document.merging import difference
from mixtrial.studio.editor.fields.sections import SECTIONS
from mixtrial.studio.editor.pages.editor_page import TEXT, VIEW, WANTED
from mixtrial.studio.editor.pages.form import as_sentence
from mixtrial.studio.editor.pages.widgets import as_named, as_rows, as_scalar
from stimuli.page_types.registry import page_types
from survey_pages import drawn

STUDY = """\
# Mine.
title: One
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac}   # the first
systems:
  - baseline
  - cnn   # as shipped
attributes:
  - name: overall
    question: "How good is it?"
range: {minimum: 0, maximum: 100}
"""
TEMPLATES = sorted((places.ROOT / "stimuli" / "first_study" / "templates").glob("*.yaml"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A study file with its sound, which nobody opens here."""
    for name in ("v.flac", "b.flac"):
        (tmp_path / name).write_bytes(b"")
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def editor(path: Path, section: str | None = None, *, has_begun: bool = False) -> AppTest:
    """The page, drawn, at a section."""

    def script() -> None:
        import os
        from collections.abc import Callable
        from pathlib import Path

        from mixtrial.studio.editor.pages.editor_page import draw_editor

        path = Path(os.environ["EDITED"])

        def make(title: str, text_of: Callable[[str], str]) -> None:
            path.with_name(f"{title}.new.yaml").write_text(text_of("one-2"), encoding="utf-8")

        draw_editor(path, has_begun=bool(os.environ["BEGUN"]), on_new_version=make)

    os.environ |= {"EDITED": str(path), "BEGUN": "yes" if has_begun else ""}
    page = AppTest.from_function(script, default_timeout=120)
    if section:
        page.session_state[WANTED] = section
    return page.run()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the page are forgotten after the test."""
    monkeypatch.setenv("EDITED", "")
    monkeypatch.setenv("BEGUN", "")


def go(page: AppTest, section: str) -> AppTest:
    """Another section of the page."""
    page.session_state[WANTED] = section
    return page.run()


def told(page: AppTest) -> str:
    """Everything that the page says."""
    drawn(page)
    return " ".join(html.unescape(str(element.proto)) for element in page.main)


@pytest.mark.parametrize("template", [*TEMPLATES, places.ROOT / "stimuli/demo/study.yaml"],
                         ids=lambda path: path.stem)  # fmt: skip
def test_every_section_of_every_template_is_drawn(template: Path, tmp_path: Path) -> None:
    """With and without faults, and nothing is changed by looking."""
    shutil.copy(template, tmp_path / "study.yaml")
    page = editor(tmp_path / "study.yaml")
    for section in SECTIONS:
        go(page, section.title)
        assert section.lead in told(page)
    go(page, TEXT)
    assert page.text_area[0].value == template.read_text("utf-8")
    assert page.button(key="ed-save").disabled


def test_a_title_is_typed_undone_typed_and_saved(path: Path) -> None:
    """Only its line changes; the file as it was is kept."""
    page = editor(path)
    page.text_input[0].set_value("Two").run()
    assert "not saved" in told(page)
    page.button(key="ed-undo").click().run()
    assert page.text_input[0].value == "One"
    page.button(key="ed-redo").click().run()
    assert page.text_input[0].value == "Two"
    page.button(key="ed-save").click().run()
    assert "Saved." in told(page)
    assert difference(STUDY, path.read_text("utf-8")) == "-title: One\n+title: Two"


def test_what_is_wrong_is_said_at_its_field_and_in_the_list(path: Path) -> None:
    """A range from 0 to 0; the list leads there from any section."""
    page = editor(path, "Questions")
    maximum = next(each for each in page.text_input if each.label == "Maximum"
                   and each.value == "100")  # fmt: skip
    maximum.set_value("0").run()
    said = told(page)
    assert said.count("its minimum must be less than its maximum") == 2
    assert "1 to correct" in said
    go(page, "General")
    page.button(key="ed-fault-0").click().run()
    assert "scale of the answers" in told(page)
    page.button(key="ed-undo").click().run()
    assert "nothing to correct" in told(page)


def test_what_a_recommendation_asks_otherwise_is_said_at_its_field(path: Path) -> None:
    """As ``mixtrial check`` says it, with the clause; it goes with the change that mends it."""
    page = editor(path, "Order")
    said = told(page)
    departs = "No song is rated twice"
    assert "departures from recommendations" in said
    assert said.count(departs) == 2, said  # in the list of all, and at its field
    assert "ITU-R BS.1534-3, 4.1" in said
    next(each for each in page.text_input if "epeated" in each.label).set_value("1").run()
    assert departs not in told(page)


def test_a_file_with_a_fault_opens_where_it_is(path: Path) -> None:
    """The section of the first fault, or the text with the lines around text that is not YAML."""
    path.write_text(STUDY.replace("name: overall", "nam: overall"), encoding="utf-8")
    said = told(editor(path))
    assert "scale of the answers" in said
    assert "Unknown key" in said
    path.write_text(STUDY.replace("title: One", "title: One: two"), encoding="utf-8")
    page = editor(path)
    assert "must be in quotes" in told(page)
    assert "title: One: two" in told(page)
    assert page.session_state[VIEW] == go(page, "Order").session_state[VIEW] == TEXT
    page.text_area[0].set_value(STUDY).run()
    assert "nothing to correct" in told(page)


def test_a_message_begins_with_a_capital_or_with_its_key() -> None:
    """Keys are written as the file has them."""
    assert as_sentence("the range is wrong") == "The range is wrong."
    assert as_sentence("repeated_songs is 9; did you mean 3?") == (
        "repeated_songs is 9; did you mean 3?"
    )


def test_a_field_that_is_emptied_goes_out_of_the_file(path: Path) -> None:
    """Its default holds then, and is shown in its place."""
    page = editor(path, "Questions")
    for label, default in (("Minimum", "0"), ("Maximum", "100")):
        field = [each for each in page.text_input if each.label == label][-1]
        assert default in str(field.placeholder)
        field.set_value("").run()
    page.button(key="ed-save").click().run()
    assert difference(STUDY, path.read_text("utf-8")) == "-range: {minimum: 0, maximum: 100}"


def test_a_system_that_is_a_name_gets_keys_when_it_needs_them(path: Path) -> None:
    """And stays a name while it needs none."""
    page = editor(path, "Sound")
    label = next(each for each in page.text_input if each.label == "Label")
    label.set_value("Rules").run()
    page.button(key="ed-save").click().run()
    assert difference(STUDY, path.read_text("utf-8")) == (
        "-  - baseline\n+  - {name: baseline, label: Rules}"
    )
    for label, typed in (("Equaliser (share)", "0.5"), ("Level of the vocal", "rock")):
        next(each for each in page.text_input if each.label == label).set_value(typed).run()
    page.button(key="ed-save").click().run()
    [system, *_] = yaml.safe_load(path.read_text("utf-8"))["systems"]
    assert system == {"name": "baseline", "label": "Rules", "amount": {"eq": 0.5}, "level": "rock"}


def test_an_attribute_a_part_and_the_default_groups_are_added(path: Path) -> None:
    """New entries have what they need, and nothing is left to mend."""
    page = editor(path, "Questions")
    next(each for each in page.button if each.label == "Add an attribute").click().run()
    question = next(each for each in page.text_input if each.label.startswith("Question"))
    question.set_value("How wide is it?").run()
    go(page, "Page types")
    next(each for each in page.selectbox if "part" in each.label).set_value("ape").run()
    page.toggle(key="ed-see-types").set_value(True).run()
    assert all(f"Add {kind}" in {each.label for each in page.button} for kind in page_types())
    next(each for each in page.button if each.label == "Add ape").click().run()
    page.button(key="ed-undo").click().run()
    go(page, "Participants")
    next(each for each in page.button if "Write these out" in each.label).click().run()
    assert "nothing to correct" in told(page)
    page.button(key="ed-save").click().run()
    lines = path.read_text("utf-8").splitlines()
    at = lines.index("  - name: attribute_2")
    assert lines[at + 1] == "    question: How wide is it?"
    assert "parts: [{type: ape}]" in lines
    assert "groups:" in lines
    assert lines[0] == "# Mine."


def test_an_entry_is_moved_and_removed(path: Path) -> None:
    """The chosen entry stays the chosen one."""
    page = editor(path, "Sound")
    down = [each for each in page.button if each.label == "Move down"]
    down[-1].click().run()
    page.button(key="ed-save").click().run()
    assert "systems:\n  - cnn   # as shipped\n  - baseline\n" in path.read_text("utf-8")
    [each for each in page.button if each.label == "Remove"][-1].click().run()
    page.button(key="ed-save").click().run()
    assert "systems:\n  - cnn   # as shipped\nattributes" in path.read_text("utf-8")
    assert not page.exception


def test_two_editors_on_one_file_lose_nothing(path: Path) -> None:
    """Who saves second sees both changes and keeps both; an idle editor follows."""
    first, second, idle = editor(path), editor(path), editor(path)
    first.text_input[0].set_value("First").run()
    second.text_input[1].set_value("Second wrote this.").run()
    first.button(key="ed-save").click().run()
    second.button(key="ed-save").click().run()
    assert "Somebody else changed the file" in told(second)
    assert path.read_text("utf-8") == STUDY.replace("One", "First")
    assert [each.value for each in second.code] == [
        "+description: Second wrote this.", "-title: One\n+title: First",
    ]  # fmt: skip
    second.button(key="ed-merge").click().run()
    second.button(key="ed-save").click().run()
    assert path.read_text("utf-8") == STUDY.replace("One", "First\ndescription: Second wrote this.")
    idle.run()
    assert idle.text_input[0].value == "First"


def test_two_editors_of_one_title_choose(path: Path) -> None:
    """The page names where they meet; theirs can be taken, and undo brings mine back."""
    page = editor(path)
    page.text_input[0].set_value("Mine").run()
    path.write_text(STUDY.replace("One", "Theirs"), encoding="utf-8")
    page.run()
    assert "You both changed title." in told(page)
    page.button(key="ed-theirs").click().run()
    assert page.text_input[0].value == "Theirs"
    page.button(key="ed-undo").click().run()
    assert page.text_input[0].value == "Mine"


def test_a_study_that_has_begun_tells_what_asks_for_a_new_version(path: Path) -> None:
    """A typo may be mended; the scale may not be changed under those who rate on it."""
    page = editor(path, has_begun=True)
    page.text_input[0].set_value("One, without its typo").run()
    assert "The identifier follows from the title: write one into the file" in told(page)
    path.write_text(STUDY + "identifier: one\n", encoding="utf-8")
    page = editor(path, has_begun=True)
    page.text_input[0].set_value("One, without its typo").run()
    assert "new version" not in told(page)
    go(page, "Questions")
    [each for each in page.text_input if each.label == "Maximum"][-1].set_value("50").run()
    assert "What you changed (range) determines what participants hear" in told(page)
    assert page.button(key="ed-save").disabled
    [each for each in page.text_input if each.label == "Maximum"][-1].set_value("0").run()
    assert "1 to correct" in told(page)
    assert page.button(key="ed-save").disabled  # people take part in what the file says now
    [each for each in page.text_input if each.label == "Maximum"][-1].set_value("50").run()
    page.button(key="ed-new-version").click().run()
    begun = path.read_text("utf-8")
    new = path.with_name("One, without its typo.new.yaml").read_text("utf-8")
    assert difference(begun, new) == (
        "-title: One\n+title: One, without its typo\n"
        "-range: {minimum: 0, maximum: 100}\n-identifier: one\n"
        "+range: {minimum: 0, maximum: 50}\n+identifier: one-2"
    )
    page.run()
    assert "new version" not in told(page)
    assert "not saved" not in told(page)


def test_a_file_that_is_gone_is_told(path: Path) -> None:
    """Before it is opened, and while it is edited."""
    page = editor(path)
    page.text_input[0].set_value("Two").run()
    path.unlink()
    page.run()
    assert "no such file" in told(page)
    assert "no such file" in told(editor(path))


@pytest.mark.parametrize(
    ("told", "value"),
    [("5", 5), ("2.5", 2.5), ("true", True), ("all", "all"), (" ", None), ("a: b", "a: b"),
     ("[1]", "[1]"), ("2026-01-01", "2026-01-01"), ("'", "'")],
)  # fmt: skip
def test_a_scalar_is_a_number_where_it_is_written_as_one(told: str, value: object) -> None:
    """Anything else stays a word, for the check to judge."""
    assert as_scalar(told) == value
    assert type(as_scalar(told)) is type(value)


def test_lines_are_lists_pairs_and_words_at_values() -> None:
    """As the fields of contrasts, pairs, files and labels take them."""
    assert as_rows("cnn, human\n\nbaseline,cnn") == [["cnn", "human"], ["baseline", "cnn"]]
    assert as_rows("all") == "all"
    assert as_rows(" ") is None
    assert as_named("1: Bad\n5: Good: very", may_be_list=True) == {1: "Bad", 5: "Good: very"}
    assert as_named("Bad\nGood", may_be_list=True) == ["Bad", "Good"]
    assert as_named("a: x.wav\nb:", may_be_list=False) == {"a": "x.wav", "b": ""}
    assert as_named("", may_be_list=True) is None
