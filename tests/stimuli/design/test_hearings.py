"""How many files of a stimulus are built: never fewer than a participant may hear of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from stimuli.design.session import plan_session
from stimuli.loading.load import load_study
from stimuli.page_types.registry import page_types
from stimuli.study.study import Study

SYSTEMS = ("plain", "bright", "dull", "human")
STUDY = """\
title: Hearings
songs:
  - {name: harbour, vocal: v.flac, backing: b.flac, human: v.flac}
  - {name: lantern, vocal: v.flac, backing: b.flac, human: v.flac}
  - {name: meadow, vocal: v.flac, backing: b.flac, human: v.flac}
systems: [plain, bright, dull, human]
"""
KEYS = {
    "mushra": ", reference: human", "abx": ", trials: 3", "triangle": ", trials: 3",
    "same_different": ", trials: 3",
    "staircase": ", reference: human", "bs1116": ", reference: human", "dcr": ", reference: human",
    "ccr": ", reference: human",
}  # fmt: skip
PAGES = (
    "{training: false}",
    "{training: true, rate_training_song: true}",
    "{training: true, rate_training_song: true, repeated_songs: 2}",
)


def study_of(folder: Path, pages: str, *parts: str) -> Study:
    """Load the study with these pages and parts; nothing is heard of its files."""
    for name in ("v.flac", "b.flac"):
        (folder / name).write_bytes(b"")
    lines = [f"pages: {pages}", *(["parts:"] if parts else []), *(f"  - {{{p}}}" for p in parts)]
    (folder / "study.yaml").write_text(STUDY + "\n".join(lines) + "\n", encoding="utf-8")
    return load_study(folder / "study.yaml", SYSTEMS)


def most_heard(study: Study) -> Counter[tuple[str, str]]:
    """Most hearings that any of forty participants has of a song and stimulus."""
    most: Counter[tuple[str, str]] = Counter()
    for index in range(40):
        most |= Counter(
            (page.song, name)
            for page in plan_session(study, index).pages
            for name in (*page.systems, *page.references)
        )
    return most


@pytest.mark.parametrize("pages", PAGES)
@pytest.mark.parametrize("page_type", [*page_types(), "all"])
def test_there_are_as_many_files_as_hearings(tmp_path: Path, page_type: str, pages: str) -> None:
    """Of every type, and of all in one study; X, or what comes twice, may always be one mix."""
    names = page_types() if page_type == "all" else [page_type]
    study = study_of(tmp_path, pages, *(f"type: {name}{KEYS.get(name, '')}" for name in names))
    most = most_heard(study)
    files = {at: study.n_files(*at) for at in most}
    assert {at: n for at, n in most.items() if n > files[at]} == {}
    if page_type not in (
        "abx",
        "triangle",
        "same_different",
        "all",
        "staircase",
    ):  # whose trials follow from the answers
        assert files == dict(most)


def test_pages_that_share_the_systems_out_have_files_for_what_stands_on_each(
    tmp_path: Path,
) -> None:
    """A reference and its anchors would be known by coming again in the same bytes."""
    study = study_of(
        tmp_path, "{training: false, stimuli_per_page: 4}",
        "type: mushra, reference: human, systems: [plain, bright, dull]",
    )  # fmt: skip
    files = {name: study.n_files("harbour", name) for name in study.rated_names}
    assert files == {
        "plain": 1, "bright": 1, "dull": 1, "human": 6, "low_anchor": 3, "mid_anchor": 3
    }  # fmt: skip
    assert most_heard(study)["harbour", "human"] == 6


def test_a_study_of_one_part_has_one_file_a_stimulus(tmp_path: Path) -> None:
    """Nothing more is built or kept, but for the song that is trained on and rated as well."""
    study = study_of(tmp_path, "{training: true}")
    files = {
        song.name: {study.n_files(song.name, name) for name in SYSTEMS} for song in study.songs
    }
    assert files == {"harbour": {2}, "lantern": {1}, "meadow": {1}}
