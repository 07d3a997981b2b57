"""Pages by BS.1116-3: a system and the hidden reference, sides in balance, clauses checked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from stimuli.design.session import plan_session
from stimuli.loading.load import load_study
from stimuli.standards.check import check_study, method_of
from stimuli.study.study import Study, StudyError

SYSTEMS = ("plain", "bright", "human")
STUDY = """\
title: Small impairments
songs:
{songs}
systems: [plain, bright, human]
pages: {{training: {training}, break_after: {break_after}}}
groups: [{{name: professional, label: Expert}}]
devices: [{{name: headphones, label: Headphones}}]
parts:
  - {{type: bs1116, reference: human{keys}}}
"""


def study_of(
    folder: Path, n_songs: int = 6, length_s: float = 15, keys: str = "", **more: object
) -> Study:
    """A study of so many songs; other keys of its part and of its pages."""
    (folder / "v.flac").write_bytes(b"")
    files = "vocal: v.flac, backing: v.flac, human: v.flac"
    excerpt = f"excerpt: {{duration_s: {length_s}}}"
    songs = "\n".join(f"  - {{name: s{at}, {files}, {excerpt}}}" for at in range(n_songs))
    filled = {"training": "true", "break_after": 12, "keys": keys, **more}
    path = folder / "study.yaml"
    path.write_text(STUDY.format(songs=songs, **filled), "utf-8")
    return load_study(path, SYSTEMS)


def test_each_system_stands_beside_the_reference_once_a_song(tmp_path: Path) -> None:
    """One rated and one open copy; over participants A is the system in half of the pages."""
    study = study_of(tmp_path, n_songs=2, training="false")
    sides: Counter[tuple[str, int]] = Counter()
    for participant in range(24):
        pages = plan_session(study, participant).pages
        assert len(pages) == 4
        for page in pages:
            assert set(page.references) == {"human"}
            [system] = set(page.systems) - {"human"}
            sides[system, page.systems.index(system)] += 1
    assert set(sides.values()) == {24}
    assert [study.n_files("s0", name) for name in ("human", "plain")] == [4, 1]


def test_the_scale_is_the_recommendations_whatever_the_study_has(tmp_path: Path) -> None:
    """1.0 to 5.0 in tenths, unless the part sets a range."""
    [part] = study_of(tmp_path).page_parts
    assert str(part.scale) == "1 to 5, step 0.1"
    assert [(label.value, label.word) for label in part.scale.labels][::4] == [
        (1.0, "Very annoying"), (5.0, "Imperceptible"),
    ]  # fmt: skip
    [part] = study_of(tmp_path, keys=", range: {minimum: 0, maximum: 10}").page_parts
    assert part.scale.maximum == 10


def test_a_study_by_the_recommendation_departs_from_no_clause_of_it(tmp_path: Path) -> None:
    """And is called by it."""
    study = study_of(tmp_path)
    assert method_of(study) == (
        "double-blind triple-stimulus test with hidden reference (ITU-R BS.1116-3)"
    )
    assert clauses(study) == {}


def clauses(study: Study) -> dict[str, str]:
    """Departures from BS.1116-3 by rule."""
    departures = check_study(study).departures
    return {
        each.rule: each.found for each in departures if each.recommendation == "ITU-R BS.1116-3"
    }


@pytest.mark.parametrize(
    ("given", "rule", "found"),
    [
        ({"n_songs": 4}, "critical material", "bs1116: 4 rated, 5 wanted"),
        ({"length_s": 9.9}, "length of critical material", "bs1116: all 6 last 9.9 s"),
        ({"length_s": 25.1}, "length of critical material", "bs1116: all 6 last 25.1 s"),
        ({"break_after": 16, "n_songs": 9}, "trials of a sitting",
         "bs1116: 16 pages without a break (break_after is 16)"),
        ({"break_after": 0, "n_songs": 8}, "trials of a sitting",
         "bs1116: 16 pages without a break (break_after is 0)"),
        ({"training": "false"}, "familiarisation", "bs1116: there is no practice page"),
        ({"keys": ", post_screening: false"}, "post-screening", "bs1116: post_screening is false"),
        ({"keys": ", on_switch: restart"}, "switching at will", "bs1116: on_switch is restart"),
        ({"keys": ", range: {minimum: 1, maximum: 5, step: 1}"}, "impairment scale",
         "bs1116: the scale is 1 to 5, step 1"),
    ],
)  # fmt: skip
def test_a_departure_is_named_by_its_clause(
    tmp_path: Path, given: dict[str, object], rule: str, found: str
) -> None:
    """One departure, and no other."""
    assert clauses(study_of(tmp_path, **given)) == {rule: found}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (", systems: [human]", "has no system to rate besides its reference"),
        (", must_move: false", "must_move"),
        (", post_screening: 1", "post_screening"),
    ],
)
def test_a_part_that_cannot_be_graded_is_refused(tmp_path: Path, keys: str, sentence: str) -> None:
    """One sentence with its line."""
    with pytest.raises(StudyError, match=rf"line \d+: .*{sentence}"):
        study_of(tmp_path, keys=keys)
