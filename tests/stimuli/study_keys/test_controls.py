"""Controls in a study file: what is read, what is refused, and that they are part of the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs_examples import DOCS
from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.declared_plan import plan_fingerprint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the finished files of the documented example; nothing is heard of them."""
    folder = tmp_path_factory.mktemp("crowd")
    (folder / "v.wav").write_bytes(b"")
    return folder


def crowd(folder: Path, old: str = "", new: str = "") -> Study:
    """The example of docs/study-file.md, with one text in another's place."""
    text = (DOCS / "study-file.md").read_text(encoding="utf-8")
    section = text.partition("`controls`\n\n")[2]
    example = section.partition("```yaml\n")[2].partition("```")[0]
    assert old in example
    songs = ("steps", "hello", "weather", "clear", "lapse")
    lines = [
        f"  - {{name: {song}, files: {{clean: v.wav, noisy: v.wav, codec: v.wav}}}}"
        for song in songs
    ]
    path = folder / "study.yaml"
    text = "\n".join(["title: Crowd", "pages: {training: false}", "songs:", *lines, ""])
    path.write_text(text + example.replace(old, new, 1), encoding="utf-8")
    return load_study(path)


def test_the_documented_controls_are_read_and_count_in_the_plans_hash(folder: Path) -> None:
    """Two traps, a gold question, an environment test; another limit is another plan."""
    plan = crowd(folder).analysis
    other = crowd(folder, "gold_missed: 0", "gold_missed: 1").analysis
    assert plan is not None
    assert other is not None
    assert plan.controls is not None
    assert [each.answer for each in plan.controls.traps] == [2, 2]
    assert plan.controls.environment is not None
    assert plan_fingerprint(plan) != plan_fingerprint(other)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("song: clear", "song: cleer", "controls name the song 'cleer', .* Did you mean 'clear'"),
        ("better: clean", "better: codec", "the system of that part 'codec', which"),
        ("part: room", "part: voices", "the part of choices 'voices', which the study lacks"),
        ("within: 1", "within: -1", "within must be at least 0"),
        ("needed: 1", "needed: 0", "needed must be at least 1"),
    ],
)
def test_controls_that_cannot_be_are_refused(
    folder: Path, old: str, new: str, sentence: str
) -> None:
    """One sentence with the line."""
    with pytest.raises(StudyError, match=sentence):
        crowd(folder, old, new)
