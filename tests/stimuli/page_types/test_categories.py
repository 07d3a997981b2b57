"""Category ratings of ITU-T P.800: scales, words, orders of pairs, whose sign an answer has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from stimuli.design.session import plan_session
from stimuli.loading.load import load_study
from stimuli.page_types.base import Answers
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.default_texts import LANGUAGES

SYSTEMS = ("plain", "bright", "dull", "human")
STUDY = """\
title: Categories
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac, human: v.flac, excerpt: {duration_s: 10}}
  - {name: lantern, vocal: v.flac, backing: b.flac, human: v.flac, excerpt: {duration_s: 10}}
systems: [plain, bright, dull, human]
pages: {training: false}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with files by the names of the songs; nothing is heard of them."""
    folder = tmp_path_factory.mktemp("categories")
    for name in ("v.flac", "b.flac"):
        (folder / name).write_bytes(b"")
    return folder


def with_part(folder: Path, part: str, more: str = "") -> Study:
    """Load the study with one part, the inside of a mapping."""
    path = folder / "study.yaml"
    path.write_text(f"{STUDY}{more}parts: [{{{part}}}]\n", encoding="utf-8")
    return load_study(path, SYSTEMS)


SCALES = {
    "type: acr, opinion: quality": (1, 5, "Bad", "Excellent"),
    "type: acr, opinion: effort": (
        1, 5, "No meaning understood with any feasible effort",
        "Complete relaxation possible; no effort required",
    ),
    "type: acr, opinion: loudness": (
        1, 5, "Much quieter than preferred", "Much louder than preferred"
    ),
    "type: dcr, reference: human": (
        1, 5, "Degradation is very annoying", "Degradation is inaudible"
    ),
    "type: ccr, reference: human": (-3, 3, "Much worse", "Much better"),
}  # fmt: skip


@pytest.mark.parametrize("part", SCALES)
@pytest.mark.parametrize("more", ["", "range: {minimum: 0, maximum: 10}\n"])
def test_a_category_scale_has_the_recommendations_grades_and_words(
    folder: Path, part: str, more: str
) -> None:
    """P.800's ends, a step of one, a word each, whatever range the study has for other parts."""
    [read] = with_part(folder, part, more).page_parts
    scale = read.scales["overall"]
    words = [label.word for label in scale.labels]
    low, high, first, last = SCALES[part]
    assert (scale.minimum, scale.maximum, scale.step) == (low, high, 1)
    assert [label.value for label in scale.labels] == list(range(low, high + 1))
    assert (words[0], words[-1]) == (first, last)


@pytest.mark.parametrize("part", SCALES)
def test_a_category_scale_has_words_in_every_language(folder: Path, part: str) -> None:
    """As many as there are grades, no two alike, in no other language's words."""
    seen = set()
    for language in LANGUAGES:
        [read] = with_part(folder, part, f"language: {language}\n").page_parts
        words = [label.word for label in read.scales["overall"].labels]
        assert len(set(words)) == SCALES[part][1] - SCALES[part][0] + 1
        seen.add(tuple(words))
    assert len(seen) == len(LANGUAGES)


def test_a_study_without_an_opinion_scale_keeps_its_hash_and_its_range(folder: Path) -> None:
    """The key that came later changes nothing where it is not set."""
    plain = with_part(folder, "type: acr")
    assert plain.fingerprint == "edbf1ffcecb7c2ad191be1d4f6e20354c59b477ca8f8841e21e817a9214326af"
    assert plain.page_parts[0].scale.maximum == 100
    assert with_part(folder, "type: acr, opinion: quality").fingerprint != plain.fingerprint


def test_the_reference_stands_first_as_often_as_second(folder: Path) -> None:
    """Over a round of participants, of each system of a song; in a session, once more at most."""
    study = with_part(folder, "type: ccr, reference: human")
    orders: Counter[tuple[str, str, int]] = Counter()
    for index in range(12):
        pages = plan_session(study, index).pages
        assert all(len(page.systems) == 2 and "human" in page.systems for page in pages)
        first = sum(page.systems[0] == "human" for page in pages)
        assert abs(2 * first - len(pages)) <= 2
        for page in pages:
            at = page.systems.index("human")
            orders[page.song, page.systems[1 - at], at] += 1
    assert set(orders.values()) == {6}
    assert len(orders) == 2 * 3 * 2


def test_a_null_pair_is_heard_where_the_reference_is_a_system(folder: Path) -> None:
    """Degradation: the reference is open on every page, and rated against itself once a song."""
    study = with_part(folder, "type: dcr, reference: human")
    pages = plan_session(study, 0).pages
    assert {page.references for page in pages} == {("human",)}
    assert sum(page.systems == ("human",) for page in pages) == 2
    fewer = with_part(folder, "type: dcr, reference: human, systems: [plain, dull]")
    assert all(page.systems != ("human",) for page in plan_session(fewer, 0).pages)
    assert study.n_files("harbour", "human") == 4 + 1  # four pages; once more on the null pair's


@pytest.mark.parametrize(
    ("values", "is_final", "sentence"),
    [
        ({(0, "overall"): -2.0, (1, "overall"): 2.0}, True, None),
        ({(0, "overall"): 0.0, (1, "overall"): 0.0}, True, None),
        ({(0, "overall"): -2.0}, False, None),
        ({(0, "overall"): -2.0}, True, "were not compared"),
        ({}, True, "were not compared"),
        ({(0, "overall"): 2.0, (1, "overall"): 2.0}, False, "with opposite signs"),
        ({(0, "overall"): -4.0, (1, "overall"): 4.0}, True, "-4 is outside the scale, -3 to 3"),
        ({(0, "overall"): 0.5, (1, "overall"): -0.5}, True, "between two steps"),
    ],
)
def test_a_comparison_is_one_answer_for_both(
    folder: Path, values: dict[tuple[int, str], float], is_final: bool, sentence: str | None
) -> None:
    """The ratings of the two have opposite signs; anything else is refused in one sentence."""
    [part] = with_part(folder, "type: ccr, reference: human, must_move: false").page_parts
    fault = part.options.fault(Answers(2, part.attributes, part.scales, values, is_final))
    assert fault is None if sentence is None else sentence in (fault or "")


@pytest.mark.parametrize("systems", [("plain", "human"), ("human", "plain")])
def test_a_simulated_listener_grades_the_second_against_the_first(
    folder: Path, systems: tuple[str, str]
) -> None:
    """Points 80 against 20 lie 60 apart of 100 to either side: 1.8 grades, so 2, for the better."""
    [part] = with_part(folder, "type: ccr, reference: human").page_parts
    points = {"plain": 80.0, "human": 20.0}
    page = SimulatedPage(
        systems, (), ("overall",), part.scales, lambda name: {"overall": points[name]},
        points.__getitem__, 1.0, np.random.default_rng(1),
    )  # fmt: skip
    values = part.options.simulated(page)
    assert values[systems.index("plain"), "overall"] == 2.0
    assert values[systems.index("human"), "overall"] == -2.0


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("type: dcr", r"line 7: The part 'dcr' needs a reference\. Name one of the systems"),
        (
            "type: ccr, reference: humna",
            "has the reference 'humna', which is not among the systems. Did you mean 'human'",
        ),
        ("type: ccr, reference: human, systems: [human]", "no system to rate besides its ref"),
        (
            "type: ccr, reference: human, range: {minimum: 0, maximum: 6, step: 1}",
            "must be symmetrical, but the scale of overall is 0 to 6",
        ),
        ("type: acr, opinion: qualty", "must be 'quality', 'effort' or 'loudness'"),
    ],
)
def test_a_category_part_that_cannot_be_made_is_refused(
    folder: Path, part: str, sentence: str
) -> None:
    """One sentence with the line."""
    with pytest.raises(StudyError, match=sentence):
        with_part(folder, part)
