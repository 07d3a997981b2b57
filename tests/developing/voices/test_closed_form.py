"""The estimator in closed form tells an equaliser from a voice that it knows."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import N_MELS, Clip
from mixing.learning.weight_files import read_index
from places import ROOT
from tests.developing.voices import closed_form
from tests.developing.voices.closed_form import Prior, Widths

KEPT = ROOT / "tests" / "data" / "networks" / "closed_form.csv"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """What the command wrote."""
    with KEPT.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_gains_on_a_voice_that_is_known_are_found() -> None:
    """Its spectrum to half a decibel: each of four gains to 1.5 dB, and no other band moves."""
    wanted = np.array([[0, -9, 0, 8, 0, 0, -6, 12, 0], [0, 0, 10, 0, -7, 5, 0, 0, -11.0]])
    voice = np.concatenate([20 * np.sin(np.arange(N_MELS)), np.full(N_MELS, 5.0)])
    nothing_foretold = np.zeros((N_MELS, N_MELS))
    prior = Prior(voice, nothing_foretold, 0.25 * np.eye(N_MELS))
    heard = voice + np.pad(wanted @ closed_form.filters_db().T, ((0, 0), (0, N_MELS)))
    found = closed_form.gains_db(prior, heard, Widths(trusted=1.0, shrinkage=1.0))
    np.testing.assert_allclose(found, wanted, atol=1.5)
    assert not found[wanted == 0].round(1).any()


def test_of_a_voice_of_which_nothing_is_known_nothing_is_said() -> None:
    """Voices that differ by 60 dB: 0 dB is answered throughout."""
    unsure = Prior(np.zeros(2 * N_MELS), np.zeros((N_MELS, N_MELS)), 3600 * np.eye(N_MELS))
    rng = np.random.default_rng(2)
    found = closed_form.gains_db(unsure, rng.normal(0, 20, (5, 2 * N_MELS)))
    assert np.abs(found).max() < 0.01


def test_groups_teach_alike_however_many_songs_they_have() -> None:
    """Powers lie 0 and 2.4 dB above decibels: the mean of one song and of three is 1.2 dB."""
    songs = []
    for group, apart_db, n_songs in (("a", 0.0, 1), ("b", 10.0, 3)):
        log_mel = np.zeros((2, 2, N_MELS), dtype=np.float32)
        log_mel[:, 1] = apart_db
        clips = (Clip(log_mel, None),)
        songs += [TaughtSong(f"{group}{i}", "x", 44_100, clips, {}, group=group)
                  for i in range(n_songs)]  # fmt: skip
    above_db = 10 * np.log10((1 + 10) / 2) - 5
    found = closed_form.prior_of(songs).mean[N_MELS:]
    np.testing.assert_allclose(found, above_db / 2, rtol=1e-5)


def test_the_kept_table_is_in_page_and_card(rows: list[dict[str, str]]) -> None:
    """The mean by number of groups, and the groups where five teach."""
    course = closed_form.course_of(rows)
    assert read_index()["networks"]["eq"]["closed_form_by_groups"] == course
    page = (ROOT / "docs" / "learning.md").read_text(encoding="utf-8")
    told = " | ".join(f"{ratio:.2f}" for ratio in course.values())
    assert f"| closed form | {told} |" in page
    low, high = closed_form.interval(rows)
    last = [row for row in rows if row["n_groups"] == "5" and row["group"]]
    ratios = sorted(float(row["ratio"]) for row in last)
    said = f"{course['5']:.2f} ({low:.2f} to {high:.2f} in a bootstrap over groups"
    assert f"{said}; {ratios[0]:.2f} to {ratios[-1]:.2f} by group)" in " ".join(page.split())


def test_the_command_writes_table_and_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No group is trained and tested at once; rows for one and two groups of three."""
    songs = [TaughtSong(g, "x", 44_100, (), {}, group=g) for g in "pqr"]
    taught: list[set[str]] = []

    class Found:
        def __init__(self) -> None:
            self.songs = songs

    def errors(teachers: list[TaughtSong], asked: object) -> np.ndarray:
        taught.append({song.group for song in teachers})
        return np.array([1.0, 2.0])

    monkeypatch.setattr(closed_form, "read_songs", lambda _: Found())
    monkeypatch.setattr(closed_form, "asked_of", lambda song: song)
    monkeypatch.setattr(closed_form, "_errors", errors)
    closed_form.main(["songs", "--out", str(tmp_path)])
    with (tmp_path / "closed_form.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [(row["n_groups"], row["group"]) for row in found] == [
        (n, group) for n in "12" for group in ("p", "q", "r", "")
    ]
    assert taught[:2] == [{"q"}, {"r"}]
    assert taught[-3:] == [{"q", "r"}, {"p", "r"}, {"p", "q"}]
    assert {row["ratio"] for row in found} == {"0.5"}
