"""Clauses of P.800 and P.808 that an opinion test departs from."""

from __future__ import annotations

from pathlib import Path

import pytest

from stimuli.loading.load import load_study
from stimuli.standards.check import check_study
from stimuli.standards.opinion_rules import OPINION_RULES

SONGS = ("clear", "lapse")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a file that nobody hears."""
    folder = tmp_path_factory.mktemp("opinion")
    (folder / "v.wav").write_bytes(b"")
    return folder


def departures(folder: Path, parts: str, more: str = "") -> dict[str, tuple[str, str]]:
    """Departures from these rules: recommendation and words, by rule."""
    lines = [f"  - {{name: {song}, files: {{clean: v.wav, codec: v.wav}}}}" for song in SONGS]
    text = "\n".join(["title: Opinion", "pages: {training: false}", "songs:", *lines, more, ""])
    path = folder / "study.yaml"
    path.write_text(f"{text}parts: [{parts}]\n", encoding="utf-8")
    standing = check_study(load_study(path))
    names = {rule.name for rule in OPINION_RULES}
    return {
        each.rule: (each.recommendation, each.found)
        for each in standing.departures
        if each.rule in names
    }


ROUND = "recordings go round, 0 % must be heard"


def test_each_departure_is_told_with_its_part(folder: Path) -> None:
    """A hundred points, a loop, no controls, no test of headphones, no null pair."""
    found = departures(
        folder, "{type: acr}, {type: dcr, reference: clean, systems: [codec], must_listen: 1}"
    )
    assert found == {
        "opinion scale": ("ITU-T P.800", "acr: votes are 0 to 100"),
        "heard to the end": ("ITU-T P.800", f"acr: {ROUND}"),
        "null pairs": ("ITU-T P.800", "dcr: clean is not among its systems"),
        "crowd controls": (
            "ITU-T P.808",
            "not declared: gold questions, trapping pages, an environment test",
        ),
        "headphones of a crowd": ("ITU-T P.808", "headphones are not tested"),
    }


def test_a_test_by_the_book_departs_from_none(folder: Path) -> None:
    """Grades of each annex, heard once and wholly, a null pair, all controls, headphones tested."""
    keys = "must_listen: 1, playback: once"
    parts = (
        f"{{type: acr, opinion: quality, {keys}}}, {{type: dcr, reference: clean, {keys}}}, "
        f"{{type: ccr, reference: clean, {keys}}}, {{type: preference, name: room}}"
    )
    more = (
        "headphones: {test: huggins}\nanalysis:\n  controls:\n"
        "    gold: [{song: clear, system: clean, answer: 5, within: 1}]\n"
        "    traps: [{song: lapse, system: codec, answer: 2}]\n"
        "    environment: {part: room, better: clean, needed: 1}"
    )
    assert departures(folder, parts, more) == {}


def test_only_an_opinion_test_is_asked(folder: Path) -> None:
    """A slider has no score: none of these rules is counted."""
    assert departures(folder, "{type: acr, scale: slider}") == {}
    without = check_study(load_study(folder / "study.yaml")).n_rules
    departures(folder, "{type: acr}")
    asked = check_study(load_study(folder / "study.yaml")).n_rules
    assert asked == without + len(OPINION_RULES)


def found_of_mushra(folder: Path, parts: str) -> dict[str, str]:
    """Departures from the rules of BS.1534-3 on scale, songs and marks."""
    departures(folder, parts)
    rules = ("scale", "number of excerpts", "hidden reference and anchors")
    standing = check_study(load_study(folder / "study.yaml"))
    return {each.rule: each.found for each in standing.departures if each.rule in rules}


@pytest.mark.parametrize(
    "part",
    [
        "{type: triangle}",
        "{type: ranking, systems: [clean, codec]}",
        "{type: preference}",
    ],
)
def test_choices_are_not_held_to_the_text_on_sliders(folder: Path, part: str) -> None:
    """Neither songs for a mean, nor a hidden reference, nor words from Bad to Excellent."""
    assert found_of_mushra(folder, part) == {}


def test_a_scale_of_another_recommendation_is_no_departure(folder: Path) -> None:
    """Degradation has its own five words; a range of the study's own is told."""
    part = "{type: dcr, reference: clean, systems: [codec]}"
    assert "scale" not in found_of_mushra(folder, part)
    own = "{type: dcr, reference: clean, systems: [codec], range: {minimum: 0, maximum: 10}}"
    assert "0 to 10" in found_of_mushra(folder, own)["scale"]
