"""A change of a study file touches its own lines alone, and says what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtrial.studio.editor.document.changes import inserted, moved, with_value, without
from mixtrial.studio.editor.document.spans import EditError, key_word, value_at, values_of
from mixtrial.studio.editor.fields.study_fields import key_order
from places import ROOT
from stimuli.study_keys.yaml_source import Place

TEMPLATES = sorted((ROOT / "stimuli" / "first_study" / "templates").glob("*.yaml"))
DEMO = ROOT / "stimuli" / "demo" / "study.yaml"
BLOCKS = re.compile(r"^```yaml\n(.*?)^```", re.S | re.M)
EXAMPLES = [
    *(path.read_text("utf-8") for path in (*TEMPLATES, DEMO)),
    *BLOCKS.findall((ROOT / "docs" / "study-file.md").read_text("utf-8")),
    *BLOCKS.findall((ROOT / "docs" / "pages.md").read_text("utf-8")),
]
SHORT = [text for text in EXAMPLES if len(text) < 800]
"""Those that are read in a moment."""

STUDY = """\
# What participants see.
title: Three codecs  # shown to everybody
welcome: >-
  You will hear sentences, each spoken by different voices, and say how natural they
  sound. Please sit in a quiet place.

songs:
  # the first
  - name: harbour
    files: {a: a.wav, b: b.wav}
  # the second
  - name: lantern
    files: {a: a2.wav, b: b2.wav}
range: {minimum: 1, maximum: 5, labels: {1: Bad, 5: 'Good'}}
pages:
  training: false   # no practice
parts: [{type: mushra}]
"""
WELCOME = (
    "You will hear sentences, each spoken by different voices, and say how natural they sound. "
    "Please sit in a quiet place."
)


def places(values: Any, place: Place = ()) -> Iterator[Place]:
    """Every place of a file's values."""
    if place:
        yield place
    if isinstance(values, dict):
        for key, inner in values.items():
            yield from places(inner, (*place, key_word(key)))
    elif isinstance(values, list):
        for index, inner in enumerate(values):
            yield from places(inner, (*place, index))


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came, by their count."""
    went, came = old.split("\n"), new.split("\n")
    for line in list(went):
        if line in came:
            went.remove(line)
            came.remove(line)
    return went, came


@pytest.mark.parametrize(
    ("place", "value", "went", "came"),
    [
        (("title",), "Four: codecs", ["title: Three codecs  # shown to everybody"],
         ['title: "Four: codecs"  # shown to everybody']),
        (("range", "maximum"), 7,
         ["range: {minimum: 1, maximum: 5, labels: {1: Bad, 5: 'Good'}}"],
         ["range: {minimum: 1, maximum: 7, labels: {1: Bad, 5: 'Good'}}"]),
        (("range", "labels", "5"), "It's",
         ["range: {minimum: 1, maximum: 5, labels: {1: Bad, 5: 'Good'}}"],
         ["range: {minimum: 1, maximum: 5, labels: {1: Bad, 5: 'It''s'}}"]),
        (("songs", 1, "files", "b"), "c d.wav", ["    files: {a: a2.wav, b: b2.wav}"],
         ["    files: {a: a2.wav, b: c d.wav}"]),
        (("pages", "training"), True, ["  training: false   # no practice"],
         ["  training: true   # no practice"]),
        (("identifier",), "codecs", [], ["identifier: codecs"]),
        (("pages", "back"), True, [], ["  back: true"]),
        (("headphones", "test"), "huggins", [], ["headphones: {test: huggins}"]),
        (("songs", 1, "title"), "Lantern", [], ["    title: Lantern"]),
        (("parts", 0, "anchors"), ["low"], ["parts: [{type: mushra}]"],
         ["parts: [{type: mushra, anchors: [low]}]"]),
        (("welcome",), WELCOME.replace("place", "room"), ["  sound. Please sit in a quiet place."],
         ["  sound. Please sit in a quiet room."]),
        (("songs", 2), {"name": "third", "files": {"a": "x.wav"}}, [],
         ["  - name: third", "    files: {a: x.wav}"]),
    ],
)  # fmt: skip
def test_a_value_is_changed_in_its_own_line(
    place: Place, value: Any, went: list[str], came: list[str]
) -> None:
    """Comments, spaces and quotes of the line stay too."""
    assert changed_lines(STUDY, with_value(STUDY, place, value, key_order)) == (went, came)


def test_a_new_key_stands_where_the_documented_order_has_it() -> None:
    """Not at the end of the file: behind the key that comes before it."""
    lines = with_value(STUDY, ("identifier",), "codecs", key_order).split("\n")
    assert lines[1:3] == ["title: Three codecs  # shown to everybody", "identifier: codecs"]


def test_an_entry_goes_with_its_lines_and_leaves_the_comments() -> None:
    """A list that loses its last entry goes with it."""
    assert changed_lines(STUDY, without(STUDY, ("songs", 0))) == (
        ["  - name: harbour", "    files: {a: a.wav, b: b.wav}"], []
    )  # fmt: skip
    assert changed_lines(STUDY, without(STUDY, ("pages", "training"))) == (
        ["pages:", "  training: false   # no practice"], []
    )  # fmt: skip


def test_entries_change_places_and_comments_between_them_stay() -> None:
    """Moving changes the order of lines and no line."""
    text = moved(STUDY, ("songs", 1), 0)
    assert changed_lines(STUDY, text) == ([], [])
    assert [each["name"] for each in values_of(text)["songs"]] == ["lantern", "harbour"]


def test_what_cannot_be_done_is_a_sentence() -> None:
    """Text that is not YAML, a key beside a scalar, an entry far behind the last."""
    with pytest.raises(EditError, match="correct it as text first"):
        with_value("title: 'open", ("title",), "x")
    with pytest.raises(EditError, match="There is no entry 6"):
        with_value(STUDY, ("songs", 5), {"name": "x"})


def test_line_ends_of_windows_are_kept() -> None:
    """An added line ends as the others do."""
    text = STUDY.replace("\n", "\r\n")
    for changed in (
        with_value(text, ("identifier",), "codecs", key_order),
        inserted(text, ("songs", 0), {"name": "new", "files": {"a": "n.wav"}}),
        with_value(text, ("title",), "New"),
    ):
        assert "\n" not in changed.replace("\r\n", "")


VALUES = st.one_of(
    st.text(max_size=40), st.integers(-5, 500), st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from(["yes", "a: b", "# x", "- x", "two\nlines", "it's", '"q"', " x ", "1", "null",
                     "2024-01-01", "word " * 30, "[", "{a}", "a, b", "*a", "x #y"]),
    st.lists(st.sampled_from(["a", "b: c", "d"]), max_size=3),
    st.dictionaries(st.sampled_from(["name", "label", "a"]), st.text(max_size=9), max_size=3),
    st.lists(st.fixed_dictionaries({"name": st.just("x"), "label": st.text(max_size=99)}),
             max_size=2),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_value_at_any_place_is_what_the_file_then_says(data: st.DataObject) -> None:
    """And the value alone: taken back, the values are those of before, and no comment is lost."""
    text = data.draw(st.sampled_from(SHORT))
    values = values_of(text)
    place = data.draw(st.sampled_from(list(places(values))))
    value = data.draw(VALUES)
    changed = with_value(text, place, value)
    assert value_at(values_of(changed), place) == value
    assert values_of(with_value(changed, place, value_at(values, place))) == values
    if not isinstance(value_at(values, place), dict | list):
        assert {*re.findall(r"(?m)^ *#.*$", text)} <= {*changed.split("\n")}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_entry_can_be_removed_added_and_moved(data: st.DataObject) -> None:
    """Lists in brackets and below dashes alike."""
    text = data.draw(st.sampled_from([each for each in SHORT if len(values_of(each)) > 1]))
    values = values_of(text)
    place = data.draw(st.sampled_from(list(places(values))))
    assert value_at(values_of(without(text, place)), place, "gone") != value_at(
        values, place, 0
    ) or (isinstance(place[-1], int))
    if isinstance(place[-1], int):
        entries = value_at(values, place[:-1])
        to = data.draw(st.integers(0, len(entries) - 1))
        wanted = [*entries]
        wanted.insert(to, wanted.pop(place[-1]))
        assert value_at(values_of(moved(text, place, to)), place[:-1]) == wanted
        more = value_at(values_of(inserted(text, place, {"name": "n"})), place[:-1])
        assert more == [*entries[: place[-1]], {"name": "n"}, *entries[place[-1] :]]


@pytest.mark.parametrize("text", EXAMPLES[: len(TEMPLATES) + 1], ids=lambda text: text[:24])
def test_one_scalar_of_an_example_is_one_line_of_difference(text: str) -> None:
    """Of every template and the demo, for a sample of their single values."""
    values = values_of(text)
    scalars = [p for p in places(values) if not isinstance(value_at(values, p), dict | list)]
    for place in scalars[:: max(1, len(scalars) // 6)]:
        changed = with_value(text, place, "other")
        went, came = changed_lines(text, changed)
        is_block = ">-" in text and len(str(value_at(values, place))) > 60
        assert len(came) <= 1, place
        assert is_block or len(went) == 1, place
        assert with_value(text, place, value_at(values, place)) == text
