"""The benchmarks of building: the studies they build, and tables that divide the right way."""

from __future__ import annotations

from pathlib import Path

import pytest

from stimuli import bench
from stimuli.bench import (
    N_SONGS,
    build_times,
    codec_table,
    codec_times,
    synthetic_study,
    table,
)


def test_the_ratio_is_one_process_over_two() -> None:
    """Twice as fast is 2."""
    lines = table({1: 50.0, 2: 25.0}).splitlines()
    assert "| one process | 50.0 |" in lines
    assert "| one process / two processes | 2.00 | at least 1.8 |" in lines


def test_every_way_is_built_and_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh folders each turn: a build that is there already would cost nothing."""
    built = []
    monkeypatch.setattr(bench, "SECONDS", 4)
    monkeypatch.setattr(bench, "build", lambda _, out, workers: built.append((out, workers)))
    times = build_times(tmp_path, rounds=2)
    assert set(times) == {1, 2}
    assert [workers for _, workers in built] == [1, 2, 1, 2]
    assert len({out for out, _ in built}) == 4


def test_the_study_has_fifteen_songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three systems each; it loads as any other study does."""
    monkeypatch.setattr(bench, "SECONDS", 4)
    study = synthetic_study(tmp_path)
    assert len(study.songs) == N_SONGS == 15
    assert study.system_names == ("baseline", "cnn", "random")


def test_a_build_is_divided_by_what_its_audio_costs() -> None:
    """Three times as much is 3."""
    assert "| build / decode, measure, encode | 3.00 | at most 2 |" in codec_table(30.0, 10.0)


def test_the_codec_study_is_built_and_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight codecs, a reference and both anchors; both ways take some time."""
    monkeypatch.setattr(bench, "CODEC_SECONDS", 1)
    monkeypatch.setattr(bench, "N_CODEC_SONGS", 1)
    assert all(seconds > 0 for seconds in codec_times(tmp_path, rounds=1))
    study = bench.load_study(tmp_path / "study.yaml")
    assert len(study.system_names) == 8
    assert study.made_names("song_0") == ("reference", "low_anchor", "mid_anchor")
