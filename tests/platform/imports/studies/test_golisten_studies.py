"""A GoListen test comes in: its pages by what they ask, its questions, all else by its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mixtrial.imports.studies.write_study import import_study
from other_tools import write_tones
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError

TEXT, RADIO, CHECKBOX, DESCRIPTION = range(4)
QUESTION, EXAMPLE, TRAINING = 1, 2, 3


def media(name: str) -> dict[str, Any]:
    """A file as the platform stores it."""
    return {"filename": name, "src": f"/api/uploads/{name}", "value": ""}


def field(kind: int, question: str, **more: Any) -> dict[str, Any]:
    """A question as the platform stores it."""
    return {"type": kind, "question": question, "value": None, **more}


def page(title: str, files: list[str], fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A page with sound."""
    example = {"medias": [media(name) for name in files], "fields": fields, **more}
    return {"id": title, "type": EXAMPLE, "title": title, "example": example}


TEST: dict[str, Any] = {
    "_id": {"$oid": "64a0"},
    "name": "Harbour Lights \U0001f6a2",
    "description": "<p>Listen well.</p>",
    "settings": {"isTimed": True},
    "items": [
        {
            "id": "q1",
            "type": QUESTION,
            "title": "About you",
            "questionControl": field(RADIO, "Do you play?", options=["Yes", "No"], required=True),
        },
        {"id": "t", "type": TRAINING, "title": "Try", "example": {"medias": [], "fields": []}},
        page(
            "Sliders",
            ["a.wav", "b.wav"],
            [field(DESCRIPTION, "Compare the sounds.")],
            mediaRef=media("ref.wav"),
            settings={"requireClipEnded": True, "loopTimes": 3},
        ),
        page("Beside", ["a.wav", "b.wav"], [field(DESCRIPTION, "Compare the sounds.")]),
        page(
            "Which",
            ["a.wav", "b.wav"],
            [field(RADIO, "Which is better?", options=["A", "B"]), field(TEXT, "Why?")],
        ),
        page("Alone", ["a.wav"], [field(DESCRIPTION, "How good is it?")]),
        {
            "id": "q2",
            "type": QUESTION,
            "questionControl": field(TEXT, "Anything else?"),
        },
    ],
}


def write(folder: Path, test: Any) -> Path:
    """A test beside its audio, indented by tabs."""
    write_tones(folder, ("a.wav", "b.wav", "ref.wav"))
    file = folder / "test.json"
    file.write_text(json.dumps(test, indent="\t"), encoding="utf-8")
    return file


def test_a_test_comes_in_by_what_its_pages_ask(tmp_path: Path) -> None:
    """Sliders with and without a reference, a preference, one to five."""
    import_study(write(tmp_path / "theirs", TEST), tmp_path / "ours")
    study = load_study(tmp_path / "ours" / "study.yaml")
    assert study.title == "Harbour Lights \U0001f6a2"
    assert study.welcome == "Listen well."
    assert [(part.type, part.songs, part.systems) for part in study.page_parts] == [
        ("mushra", ("Sliders",), ("a", "b")),
        ("multi_stimulus", ("Beside",), ("a", "b")),
        ("preference", ("Which",), ("a", "b")),
        ("acr", ("Alone",), ("a",)),
    ]
    sliders, _, which, alone = study.page_parts
    assert (sliders.references, sliders.rated) == (("reference",), ("a", "b", "reference"))
    assert sliders.options.must_listen == 1.0
    assert which.options.browser_options() == {"ties": False}
    assert alone.scales[alone.attributes[0]].words == ("Bad", "Poor", "Fair", "Good", "Excellent")
    assert study.comments == "page"
    asked = [(each.when, [q.type for q in each.questions]) for each in study.questionnaires]
    assert asked == [("before", ["choice"]), ("after", ["text"])]


def test_what_has_no_counterpart_stands_by_its_line(tmp_path: Path) -> None:
    """Settings, the practice page as it is, and a file that is not there."""
    test = json.loads(json.dumps(TEST))
    test["items"][2]["example"]["medias"][1] = media("gone.wav")
    file = write(tmp_path / "theirs", test)
    done = import_study(file, tmp_path / "ours")
    lines = file.read_text("utf-8").split("\n")
    report = re.sub(r"\\(.)", r"\1", (tmp_path / "ours" / "import.md").read_text("utf-8"))
    for sought, said in (
        ('"isTimed"', "isTimed (true): times are always recorded"),
        ('"loopTimes"', "loopTimes (3): a recording is repeated until the page is left"),
    ):
        number = next(at for at, line in enumerate(lines, start=1) if sought in line)
        assert f"* line {number}: {said}" in report
    assert "a stimulus: the file gone.wav is not there" in report
    assert [left.what for left in done.study.as_they_are] == ["training"]
    assert done.n_missing == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"name": "x", "items": [{"medias": ]}', "is not valid JSON"),
        ('{"name": "x", "items": [], "medias": 1}', "No page of test.json has a counterpart"),
        ('{"testId": 1, "items": [{"medias": []}]}', "holds no study of a known tool"),
    ],
)
def test_a_file_that_is_no_test_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """Nothing is written."""
    file = tmp_path / "test.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=said):
        import_study(file, tmp_path / "ours")
    assert not (tmp_path / "ours").exists()
