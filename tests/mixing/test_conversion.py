"""A mix's settings carried to pedalboard sound the same, and the sheet holds every number."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import lfilter

from mixing.audio import Audio, AudioError, Song
from mixing.chain import render
from mixing.conversion import backing_board, bilinear_bands, sheet_rows, vocal_board, write_sheet
from mixing.effects.eq import response_db
from mixing.parameters import (
    CompressionSettings,
    EqBand,
    Mix,
    MixParameters,
    ReverbParameters,
)
from mixing.profiles import LI2022

RATE = 44_100
EQ = (EqBand(125, 6), EqBand(500, -8), EqBand(4000, 9), EqBand(8000, -7), EqBand(16_000, 6))
REVERB = ReverbParameters(0.4, 0.9, 0.1, 12.0, 100.0, -2.0, 0.5, 9000.0, -20.0, 0.7)
PARAMETERS = MixParameters(EQ, CompressionSettings(-28.0, 4.0, 15.0, 120.0), REVERB, -2.0)
OCTAVES_HZ = [63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0]


def octave_levels_db(audio: Audio) -> npt.NDArray[np.float64]:
    """Energy of each octave up to 8 kHz, both channels added, in dB."""
    energy = (np.abs(np.fft.rfft(audio.astype(np.float64), axis=1)) ** 2).sum(axis=0)
    frequency = np.fft.rfftfreq(audio.shape[1], 1 / RATE)
    inside = [(frequency >= f / 2**0.5) & (frequency < f * 2**0.5) for f in OCTAVES_HZ]
    return np.array([10 * np.log10(energy[mask].sum()) for mask in inside])


@pytest.fixture(scope="module")
def song() -> Song:
    """A vocal in the middle, phrases of low-passed noise, and a backing in stereo."""
    rng = np.random.default_rng(4)
    n = 5 * RATE
    gate = 10 ** (np.repeat(rng.uniform(-30, 0, 20), n // 20) / 20)
    dull = lfilter([0.1, -0.05], [1, -0.95], rng.standard_normal(n))
    vocal = np.tile(gate * dull, (2, 1)).astype(np.float32)
    return Song(vocal, (0.1 * rng.standard_normal((2, n))).astype(np.float32), RATE)


@pytest.fixture(scope="module")
def mix(song: Song) -> Mix:
    """The song mixed by our chain."""
    return render(song, PARAMETERS, "test")


def test_the_board_renders_the_vocal_within_half_a_decibel(song: Song, mix: Mix) -> None:
    """Every octave up to 8 kHz; the file in, the vocal of the mix out."""
    assert mix.vocal is not None
    rendered = vocal_board(mix.report, RATE)(song.vocal, RATE)
    assert rendered.shape == mix.vocal.shape
    difference = octave_levels_db(rendered) - octave_levels_db(mix.vocal)
    assert np.abs(difference).max() < 0.5
    plain = octave_levels_db(song.vocal) - octave_levels_db(mix.vocal)
    assert np.ptp(plain) > 6  # the chain did much


def test_the_board_renders_the_waveform_too(song: Song, mix: Mix) -> None:
    """Not only the spectrum: what is left after subtraction is 20 dB below the vocal."""
    assert mix.vocal is not None
    rendered = vocal_board(mix.report, RATE)(song.vocal, RATE)
    left = float(((rendered - mix.vocal) ** 2).mean() / (mix.vocal**2).mean())
    assert 10 * np.log10(left) < -20


def test_the_backing_gets_its_gain(song: Song, mix: Mix) -> None:
    """Nothing else is done to it."""
    assert mix.backing is not None
    rendered = backing_board(mix.report)(song.backing, RATE)
    assert np.allclose(rendered, mix.backing, atol=1e-5)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_bilinear_filters_are_refitted_to_ours(rate: int) -> None:
    """Within 0.2 dB up to the top of the 8 kHz octave, where the plain filters miss by decibels."""
    frequency = np.geomspace(20, 11_300, 300)
    wanted = response_db(EQ, frequency, rate)
    fitted = response_db(bilinear_bands(EQ, rate), frequency, rate, "rbj")
    assert np.abs(fitted - wanted).max() < 0.2
    if rate < 50_000:
        plain = response_db(EQ, frequency, rate, "rbj")
        assert np.abs(plain - wanted).max() > 1.0


def test_stages_that_are_off_are_left_out(song: Song) -> None:
    """No EQ, no compression, no reverb: a gain alone."""
    bare = render(song, MixParameters((), None, None, 0.0), "test")
    assert len(vocal_board(bare.report, RATE)) == 1


def test_the_sheet_holds_every_setting(mix: Mix, tmp_path: Path) -> None:
    """One row per number, in the order of the chain, with its unit."""
    write_sheet(tmp_path / "sheet.csv", mix.report)
    with (tmp_path / "sheet.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"stage": "eq 1", "setting": "frequency_hz", "value": "125", "unit": "Hz"}
    assert {row["stage"] for row in rows} == {
        "eq 1", "eq 2", "eq 3", "eq 4", "eq 5", "compressor", "reverb", "level", "gain",
    }  # fmt: skip
    by_name = {(row["stage"], row["setting"]): row for row in rows}
    assert by_name["compressor", "threshold_db"]["value"] == "-28.0"
    assert by_name["reverb", "low_shelf_gain_db_per_s"]["unit"] == "dB/s"
    assert by_name["reverb", "reverb_time_s"]["unit"] == "s"
    assert by_name["compressor", "ratio"]["unit"] == ""
    assert float(by_name["gain", "vocal_gain_db"]["value"]) == mix.report.extra["vocal_gain_db"]
    assert len(rows) == 5 * 3 + 4 + 11 + 1 + 2 == len(sheet_rows(mix.report))
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.csv"]


def test_what_cannot_be_converted_is_refused(song: Song, mix: Mix, tmp_path: Path) -> None:
    """Li's (2022) compressor, a finished file, a folder that is not there."""
    li2022 = render(song, PARAMETERS, "test", LI2022).report
    with pytest.raises(AudioError, match="no counterpart in pedalboard"):
        vocal_board(li2022, RATE)
    with pytest.raises(AudioError, match="finished file"):
        vocal_board(replace(mix.report, extra={}), RATE)
    with pytest.raises(AudioError, match="cannot be written"):
        write_sheet(tmp_path / "none" / "sheet.csv", mix.report)
