"""A study file's text is checked whole: every fault with its place and line, for an editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from harbour_study import write_study
from stimuli.loading.load import check_text, load_study
from stimuli.study_keys.yaml_source import Place


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two systems of ours."""
    path = write_study(tmp_path_factory.mktemp("checked"), n_songs=2)
    text = path.read_text("utf-8")
    path.write_text(text, "utf-8")
    return path


SONGS = "songs:\n  - {name: one, vocal: v.flac, backing: b.flac}\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("title: x\nseed: -1\ndescription: 5\nsongs: []\nsystems: [a]\n",
         [(("seed",), 2, "seed must be at least 0, but is -1"),
          (("description",), 3, "must be text, not 5. Put it in quotes"),
          (("songs",), 4, "have 1 or more entries")]),
        ("title: x\nsede: 1\nsystems: [a]\n",
         [(("songs",), 1, "The key 'songs' is missing"), (("sede",), 2, "Did you mean 'seed'")]),
        ("title: x\n" + SONGS + "systems: [a]\n",
         [(("songs", 0, "vocal"), 3, "There is no vocal file"),
          (("songs", 0, "backing"), 3, "There is no backing file")]),
        ("title: x: y\n", [((), 1, "must be in quotes")]),
        ("title: [\n", [((), 2, "This is not valid YAML")]),
        ("", [((), 0, "is empty")]),
        ("title: x\ntitle: y\n", [((), 2, "is here twice")]),
        ("#" * 300_000, [((), 0, "too large")]),
    ],
)  # fmt: skip
def test_every_fault_has_its_place(
    path: Path, text: str, found: list[tuple[Place, int, str]]
) -> None:
    """All of them at once, in the order of the lines."""
    study, faults = check_text(text, path)
    assert study is None
    assert [(each.place, each.line) for each in faults] == [(at, line) for at, line, _ in found]
    for fault, (_, _, words) in zip(faults, found, strict=True):
        assert words in fault.sentence


def test_faults_between_keys_and_of_systems_have_their_places(path: Path) -> None:
    """Parts, plans and systems that the study cannot have."""
    text = path.read_text("utf-8")
    _, [unknown] = check_text(text + "parts: [{type: mushre}]\n", path)
    assert unknown.place == ("parts", 0, "type")
    _, [plan] = check_text(text + "analysis: {primary: none}\n", path)
    assert (plan.place, plan.line) == (("analysis", "primary"), len(text.splitlines()) + 1)


def test_a_right_text_is_the_study_that_the_file_would_be(tmp_path: Path) -> None:
    """The same content as by the command line, of files beside the path."""
    for name in ("v.flac", "b.flac"):
        (tmp_path / name).write_bytes(b"")
    path = tmp_path / "study.yaml"
    text = "title: x\n" + SONGS.replace("one", "only") + "systems: [baseline]\n"
    study, faults = check_text(text, path)
    path.write_text(text, "utf-8")
    assert faults == ()
    assert study is not None
    assert study.fingerprint == load_study(path).fingerprint
    assert study.folder == tmp_path
