"""The human slot: a finished mix is checked and aligned, or parameters are rendered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import places
from mixing.audio import Audio, AudioError, Song, write_flac
from mixing.chain import render
from mixing.ingest.intake import read_song
from mixing.meters.alignment import find_alignment
from mixing.meters.loudness import integrated_loudness
from mixing.meters.true_peak import true_peak_dbtp
from mixing.parameter_file import as_json, read_parameters
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
)
from mixing.profiles import LI2022
from mixing.systems.base import SystemSettings
from mixing.systems.human import create

RATE = 32_000
REVERB = ReverbParameters(0.2, 0.4, 0.1, 10.0, 100.0, -2.0, 0.5, 10_000.0, -16.0, 0.7)
PARAMETERS = MixParameters(
    (EqBand(250.0, -3.0), EqBand(4000.0, 2.5, 0.7)), CompressionTarget(9.0), REVERB, -2.0
)
EXCERPTS = places.SHARED / "data" / "stems"


def music(seed: int, seconds: float = 5.0) -> Audio:
    """Notes of half a second over a little noise; another seed, another song."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(0.5 * RATE)) / RATE
    notes = [
        np.exp(-4 * t) * sum(np.sin(2 * np.pi * rng.uniform(80, 3000) * t) for _ in range(3))
        for _ in range(round(2 * seconds))
    ]
    audio = 0.1 * np.concatenate(notes) + 0.002 * rng.standard_normal((2, round(seconds * RATE)))
    return np.asarray(audio, dtype=np.float32)


@pytest.fixture(scope="module")
def song() -> Song:
    """A vocal and a backing of five seconds."""
    return Song(music(1), music(2), RATE)


def given_file(folder: Path, audio: Audio, rate: int = RATE) -> SystemSettings:
    """Settings whose reference is ``audio`` as a file."""
    write_flac(folder / "mix.flac", audio, rate)
    return SystemSettings(reference=folder / "mix.flac")


@pytest.mark.parametrize("delay_ms", [-700.0, -3.0, 0.0, 12.5, 1500.0])
def test_a_finished_mix_is_moved_onto_its_stems(
    song: Song, tmp_path: Path, delay_ms: float
) -> None:
    """Early or late, quieter, with other balance and reverb: found to within a millisecond."""
    engineer = render(song, PARAMETERS, "engineer").audio
    delay = round(delay_ms / 1000 * RATE)
    padded = np.pad(engineer, ((0, 0), (2 * RATE, 2 * RATE)))
    moved = padded[:, 2 * RATE - delay : 2 * RATE - delay + engineer.shape[1]]
    mix = create(given_file(tmp_path, np.ascontiguousarray(0.5 * moved))).mix(song)
    assert mix.report.extra["delay_ms"] == pytest.approx(delay_ms, abs=1.0)
    assert mix.audio.shape == song.vocal.shape
    inner = slice(2 * RATE, 3 * RATE)
    correlation = np.corrcoef(mix.audio[0, inner], engineer[0, inner])[0, 1]
    assert correlation > 0.999 if delay_ms == 0 else correlation > 0.9


def test_a_finished_mix_is_matched_in_loudness(song: Song, tmp_path: Path) -> None:
    """To the profile's loudness, by gain; there are no stems and no parameters to tell of."""
    mix = create(given_file(tmp_path, 0.3 * (song.vocal + song.backing))).mix(song)
    assert integrated_loudness(mix.audio, RATE) == pytest.approx(-23.0, abs=0.01)
    assert true_peak_dbtp(mix.audio) <= -0.95
    assert mix.vocal is None
    assert mix.backing is None
    assert mix.report.compression is None
    assert mix.report.relative_loudness_lu is None
    assert mix.report.extra["similarity"] == pytest.approx(1.0, abs=0.01)


def test_a_mono_mix_inverted_in_polarity_is_still_this_song(song: Song, tmp_path: Path) -> None:
    """One channel is doubled, and similarity does not mind the sign."""
    mono = -0.5 * (song.vocal + song.backing).mean(axis=0, keepdims=True)
    mix = create(given_file(tmp_path, np.asarray(mono, dtype=np.float32))).mix(song)
    assert mix.audio.shape == song.vocal.shape
    assert np.array_equal(mix.audio[0], mix.audio[1])


def test_another_song_is_refused(song: Song, tmp_path: Path) -> None:
    """Same length and rate, other music: one sentence with the similarity."""
    with pytest.raises(AudioError, match=r"does not sound like this song.*another song"):
        create(given_file(tmp_path, music(77))).mix(song)


def test_references_of_another_form_are_refused(song: Song, tmp_path: Path) -> None:
    """Another length, silence, no file, no reference at all."""
    own = 0.5 * (song.vocal + song.backing)
    for audio, rate, sentence in (
        (own[:, : 2 * RATE], RATE, "lasts 2.00 s, the song 5.00 s"),
        (np.zeros_like(own), RATE, "is silent"),
    ):
        with pytest.raises(AudioError, match=sentence):
            create(given_file(tmp_path, audio, rate)).mix(song)
    with pytest.raises(AudioError, match="There is no audio file"):
        create(SystemSettings(reference=tmp_path / "none.wav")).mix(song)
    with pytest.raises(AudioError, match="needs a reference"):
        create(SystemSettings())


def test_a_mix_of_another_rate_is_converted_to_the_songs(song: Song, tmp_path: Path) -> None:
    """Twice the samples of the same sound, by a Fourier transform: as similar, and noted."""
    own = 0.5 * (song.vocal + song.backing)
    n_samples = own.shape[1]
    spectrum = np.pad(np.fft.rfft(own), ((0, 0), (0, n_samples // 2)))
    twice = np.asarray(2 * np.fft.irfft(spectrum, 2 * n_samples), dtype=np.float32)
    mix = create(given_file(tmp_path, twice, 2 * RATE)).mix(song)
    assert mix.audio.shape == song.vocal.shape
    assert mix.report.extra["similarity"] > 0.99
    assert f"finished mix: resampled from {2 * RATE} to {RATE} Hz" in mix.report.notes


def test_given_parameters_are_rendered(song: Song, tmp_path: Path) -> None:
    """The JSON file is what the chain gets, in the profile asked for."""
    path = tmp_path / "engineer.json"
    path.write_text(json.dumps(as_json(PARAMETERS)), encoding="utf-8")
    mix = create(SystemSettings(profile=LI2022, reference=path)).mix(song)
    assert np.array_equal(mix.audio, render(song, PARAMETERS, "human", LI2022).audio)
    assert mix.report.system == "human"


def test_what_a_mix_reports_can_be_given_back(song: Song, tmp_path: Path) -> None:
    """The printed JSON of a mix is a parameter file: same settings, same sound."""
    fixed = MixParameters(PARAMETERS.eq, CompressionSettings(-30.0, 3.0, 10.0, 90.0), REVERB, -2.0)
    first = render(song, fixed, "engineer")
    path = tmp_path / "printed.json"
    path.write_text(json.dumps(first.report.as_json()), encoding="utf-8")
    assert read_parameters(path) == fixed
    again = create(SystemSettings(reference=path)).mix(song)
    assert np.array_equal(again.audio, first.audio)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not EXCERPTS.is_dir(), reason="the optional data folder is absent")
def test_the_producers_balance_is_recognised_and_other_songs_are_not() -> None:
    """Stems summed are the song's own mix; the other songs' sums are far from it."""
    songs = [
        read_song(path, path.with_name(path.name.replace("vocal", "backing")))
        for path in sorted(EXCERPTS.glob("*/*_1_vocal.flac"))
    ]
    sums = [song.vocal + song.backing for song in songs]
    for i, own in enumerate(sums):
        for j, other in enumerate(sums):
            similarity = find_alignment(own, other, songs[i].sample_rate).similarity
            assert similarity > 0.99 if i == j else similarity < 0.2
