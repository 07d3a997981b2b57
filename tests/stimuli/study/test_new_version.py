"""Changes that a study that has begun may make, and those that ask for a new version."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import places
from stimuli.loading.load import load_study
from stimuli.study.new_version import MAY_CHANGE, changes_that_need_a_new_version
from stimuli.study.study import Study

BEGUN = """\
title: Ballads
identifier: ballads
welcome: Hello.
songs:
  - {name: harbour, title: Harbor, vocal: vocal.flac, backing: backing.flac}
  - {name: lantern, vocal: vocal.flac, backing: backing.flac}
systems: [random, {name: rules, label: Rules, system: baseline}]
attributes:
  - {name: overall, question: "How god is it?"}
groups:
  - {name: lay, label: Lay}
  - {name: trained, label: Traned}
arms:
  - {name: told, instructions: A machine made one., quota: 5}
  - {name: not_told, quota: 9}
questionnaires:
  - name: before
    when: before
    title: Befor
    questions:
      - name: instrument
        type: choice
        label: "Wich?"
        choices: [{name: piano, label: Pino}, {name: other, label: Other}]
pages: {training: false, link_days: 5}
"""


def load(folder: Path, text: str) -> Study:
    """Load ``text`` as the study file of ``folder``."""
    for stem in ("vocal", "backing", "other"):
        (folder / f"{stem}.flac").touch()
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load_study(path, ("random", "baseline", "cnn"))


@pytest.fixture
def begun(tmp_path: Path) -> Study:
    """The study as people take part in it."""
    return load(tmp_path, BEGUN)


MAY = (
    ("title: Ballads", "title: Ballads & Blues"),
    ("Hello.", "Hello!"),
    ("Harbor", "Harbour"),
    ("label: Rules", "label: The rules"),
    ("god", "good"),
    ("Traned", "Trained"),
    ("quota: 5", "quota: 50"),
    ("Befor\n", "Before\n"),
    ("Wich", "Which"),
    ("Pino", "Piano"),
    ("link_days: 5", "link_days: 50"),
    ("pages:", "conditions: {room: a booth}\npublication: {licence: CC-BY-4.0}\npages:"),
    ("pages:", "analysis: {primary: overall}\npages:"),
)


@pytest.mark.parametrize(("before", "after"), MAY)
def test_texts_capacity_and_conditions_may_change(
    begun: Study, tmp_path: Path, before: str, after: str
) -> None:
    """Each by itself asks for nothing."""
    changed = load(tmp_path, BEGUN.replace(before, after, 1))
    assert changed != begun
    assert changes_that_need_a_new_version(begun, changed) == ()


NEEDS = {
    "songs.lantern.vocal": ("lantern, vocal: vocal", "lantern, vocal: other"),
    "songs.lantern": ("name: lantern", "name: lamp"),
    "systems.rules.system": ("system: baseline", "system: cnn"),
    "systems.cnn": ("[random, {", "[random, cnn, {"),
    "systems": (
        "[random, {name: rules, label: Rules, system: baseline}]",
        "[{name: rules, label: Rules, system: baseline}, random]",
    ),
    "attributes.overall.range": (
        'is it?"',
        'is it?", range: {minimum: 1, maximum: 5}',
    ),
    "range.step": ("pages:", "range: {step: 1}\npages:"),
    "pages.training": ("training: false", "training: true"),
    "pages.break_after": ("link_days: 5", "link_days: 5, break_after: 1"),
    "parts.a": ("pages:", "parts: [{type: attributes, name: a}]\npages:"),
    "groups.trained": ("name: trained", "name: expert"),
    "arms.told.instructions": ("A machine made one.", "A human made one."),
    "questionnaires.before.questions.instrument.choices.piano": (
        "name: piano",
        "name: grand",
    ),
    "seed": ("pages:", "seed: 2\npages:"),
    "language": ("pages:", "language: de\npages:"),
    "loudness": ("pages:", "loudness: check\npages:"),
    "identifier": ("identifier: ballads", "identifier: blues"),
}


@pytest.mark.parametrize("key", NEEDS)
def test_stimuli_ranges_systems_and_pages_ask_for_a_new_version(
    begun: Study, tmp_path: Path, key: str
) -> None:
    """The place is told as one reads the file, and what to do about it."""
    found = changes_that_need_a_new_version(begun, load(tmp_path, BEGUN.replace(*NEEDS[key], 1)))
    told = {change.key: change.sentence for change in found}
    assert key in told
    assert ("new version" in told[key]) == (key != "identifier")


def test_the_same_study_in_another_folder_or_order_of_keys_has_not_changed(
    begun: Study, tmp_path: Path
) -> None:
    """Paths are those seen from the file."""
    elsewhere = tmp_path / "copy"
    elsewhere.mkdir()
    head, rest = BEGUN.split("\n", 1)
    assert changes_that_need_a_new_version(begun, load(elsewhere, f"{rest}{head}\n")) == ()


def test_a_title_that_gives_the_identifier_says_how_to_keep_the_study(tmp_path: Path) -> None:
    """Without ``identifier`` a mended title would be a study that nobody has taken part in."""
    text = BEGUN.replace("identifier: ballads\n", "")
    old, new = load(tmp_path, text), load(tmp_path, text.replace("Ballads", "Ballad", 1))
    (change,) = changes_that_need_a_new_version(old, new)
    assert change.place == ("identifier",)
    assert "write identifier: ballads to go on" in change.sentence


def test_the_table_in_the_docs_has_every_key_that_may_change() -> None:
    """Under the heading that it has in the code, and no other key."""
    text = (places.ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
    section = text.partition("## A study that has begun")[2]
    rows = re.findall(r"^\| (\w+) \| (.*) \|$", section, re.M)
    told = {
        key: about
        for about, keys in rows
        for key in re.findall(r"`([\w.*]+)`", keys)
        if key != "identifier"
    }
    assert told == dict(MAY_CHANGE)


@pytest.mark.parametrize("pattern", MAY_CHANGE)
def test_every_key_that_may_change_is_a_key_of_the_file(begun: Study, pattern: str) -> None:
    """No pattern is a misspelling that would let nothing through."""
    value: Any = begun.model_dump()
    for part in pattern.split("."):
        value = value[0 if part == "*" else part]
