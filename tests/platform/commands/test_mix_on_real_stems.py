"""``mixtrial mix`` on real stems: what the command prints is what another meter reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyebur128
import pytest

import places
from mixing.audio import Audio, write_flac
from mixing.ingest.decoding import read_audio
from mixing.systems.registry import system_names
from mixtrial.commands import cli

STEMS = places.SHARED / "data" / "stems"
FURTHER = [
    pytest.mark.slow,
    pytest.mark.shared,
    pytest.mark.skipif(not STEMS.is_dir(), reason="the shared data folder is absent"),
]
SONGS = (
    pytest.param(places.RECORDED / "francium", id="francium"),
    pytest.param(STEMS / "lithium" / "lithium_1", id="lithium", marks=FURTHER),
    pytest.param(STEMS / "sodium" / "sodium_1", id="sodium", marks=FURTHER),
)


def files_of(song: Path) -> tuple[Path, Path]:
    """Vocal and backing of a song, from what their names begin with."""
    vocal, backing = (song.with_name(f"{song.name}_{part}.flac") for part in ("vocal", "backing"))
    return vocal, backing


def libebur128_readings(audio: Audio, sample_rate: int) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, as libebur128 reads them."""
    mode = pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK
    state = pyebur128.R128State(2, sample_rate, mode)
    state.add_frames(np.ascontiguousarray(audio.T).reshape(-1), audio.shape[1])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(2))
    return float(pyebur128.get_loudness_global(state)), float(20 * np.log10(peak))


def producers_balance(song: Path, folder: Path) -> Path:
    """Vocal plus backing of a song as its producers balanced them, as a file."""
    (vocal, rate), (backing, _) = map(read_audio, files_of(song))
    path = folder / "producers.flac"
    write_flac(path, np.clip(vocal + backing, -1, 1).astype(np.float32), rate)
    return path


@pytest.mark.parametrize("system", system_names())
@pytest.mark.parametrize("song", SONGS)
def test_every_system_reports_the_loudness_that_another_meter_reads(
    song: Path,
    system: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Integrated loudness within 0.1 LU of libebur128, true peak at most −1 dBTP."""
    vocal, backing = files_of(song)
    arguments = ["--vocal", vocal, "--backing", backing, "--system", system]
    arguments += ["--out", tmp_path / "mix.flac"]
    if system in {"human", "match"}:  # both want a finished mix
        arguments += ["--reference", producers_balance(song, tmp_path)]
    monkeypatch.setattr(sys, "argv", ["mixtrial", "mix", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert not stop.value.code
    report = json.loads(capsys.readouterr().out)
    loudness_lufs, true_peak_dbtp = libebur128_readings(*read_audio(tmp_path / "mix.flac"))
    assert report["output"]["integrated_lufs"] == pytest.approx(loudness_lufs, abs=0.1)
    assert report["output"]["true_peak_dbtp"] == pytest.approx(true_peak_dbtp, abs=0.5)
    assert true_peak_dbtp <= -1.0 + 0.05
