"""Tempo: click tracks, drum patterns and songs of known tempo; the reverb rules' arithmetic."""

from __future__ import annotations

import json

import numpy as np
import pytest

import places
from mixing.ingest.decoding import read_audio
from mixing.profiles import CORRECTED, LI2022
from mixing.rules.tempo import fade_in_s, reverb_time_s, tempo_bpm

RATE = 44_100
SHARED = places.SHARED / "data"


def struck(times_s, seconds, sample_rate, decay_s=0.02, tone_hz=0.0):
    """Bursts of noise (or of a tone) at the given times."""
    rng = np.random.default_rng(1)
    audio = np.zeros(int(seconds * sample_rate), dtype=np.float32)
    time = np.arange(int(0.15 * sample_rate)) / sample_rate
    for start in times_s:
        first = int(start * sample_rate)
        carrier = np.sin(2 * np.pi * tone_hz * time) if tone_hz else rng.standard_normal(time.size)
        hit = (0.3 * carrier * np.exp(-time / decay_s)).astype(np.float32)
        audio[first : first + hit.size] += hit[: audio.size - first]
    return audio


def click_track(bpm, seconds=15.0, sample_rate=RATE):
    """One click per beat."""
    return struck(np.arange(0, seconds, 60 / bpm), seconds, sample_rate)[None]


def drum_pattern(bpm, seconds=20.0, sample_rate=RATE):
    """Bass drum on beats 1 and 3, snare on 2 and 4, a pickup before every bar."""
    beats = np.arange(0, seconds, 60 / bpm)
    pickups = beats[3::4] + 30 / bpm
    bass = struck(np.concatenate([beats[::2], pickups]), seconds, sample_rate, 0.05, 60.0)
    return (bass + struck(beats[1::2], seconds, sample_rate, 0.04))[None]


@pytest.mark.parametrize("bpm", [72, 81, 93.5, 107, 120, 133, 150])
def test_tempo_of_a_click_track_is_found_within_one_percent_but_for_octaves(bpm):
    """A bare click is the same at half the tempo: any octave within the range counts."""
    found = tempo_bpm(click_track(bpm), RATE)
    assert found is not None
    assert min(abs(found * factor / bpm - 1) for factor in (0.5, 1, 2)) < 0.01


@pytest.mark.parametrize("bpm", [85, 96, 104, 112, 120, 128, 136])
def test_tempo_of_a_drum_pattern_is_found_in_its_octave(bpm):
    """With bass drum and snare the octave is right too."""
    assert tempo_bpm(drum_pattern(bpm), RATE) == pytest.approx(bpm, rel=0.01)


@pytest.mark.parametrize(("bpm", "expected"), [(50, 100), (60, 120), (190, 95), (220, 110)])
def test_tempi_outside_the_range_are_folded_into_it(bpm, expected):
    """50 beats per minute are answered as 100, 220 as 110."""
    assert tempo_bpm(click_track(bpm), RATE) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("sample_rate", [32_000, 48_000, 96_000])
def test_tempo_does_not_depend_on_the_sample_rate_nor_on_the_level(sample_rate):
    """The same pattern at other rates and 40 dB quieter has the same tempo."""
    audio = drum_pattern(110, 12.0, sample_rate) * np.float32(0.01)
    assert tempo_bpm(audio, sample_rate) == pytest.approx(110, rel=0.01)


def test_sound_without_a_beat_has_no_tempo():
    """Silence, noise, a steady tone and a few seconds of anything: None."""
    rng = np.random.default_rng(2)
    white = (0.1 * rng.standard_normal((2, 12 * RATE))).astype(np.float32)
    tone = np.sin(2 * np.pi * 440 * np.arange(12 * RATE) / RATE)[None].astype(np.float32)
    assert tempo_bpm(np.zeros_like(white), RATE) is None
    assert tempo_bpm(white, RATE) is None
    assert tempo_bpm(tone, RATE) is None
    assert tempo_bpm(click_track(120, 4.0), RATE) is None
    assert tempo_bpm(white[:, :100], RATE) is None


@pytest.mark.parametrize(
    ("bpm", "expected_s"), [(65, 3.0), (110, 2.0), (155, 1.0), (199, 0.1), (None, 1.5949)]
)
def test_li2022_reverb_time_is_its_line_kept_within_the_range(bpm, expected_s):
    """(200 − bpm) / 45; at 199 the line gives 0.02 s, below the reverb's range."""
    assert reverb_time_s(bpm, LI2022) == pytest.approx(expected_s)


@pytest.mark.parametrize(
    ("bpm", "expected_s"),
    [(60, 2.2), (120, 1.5), (180, 0.8), (20, 2.5), (240, 0.6), (None, 1.5)],
)
def test_corrected_reverb_time_has_half_the_slope(bpm, expected_s):
    """2.2 s at 60, three beats at 120, never outside 0.6 to 2.5 s."""
    assert reverb_time_s(bpm, CORRECTED) == pytest.approx(expected_s, abs=0.001)


def test_an_octave_error_moves_the_corrected_reverb_time_by_less_than_a_second():
    """Half of Li's (2022) jump (1.67 s between 75 and 150)."""
    jump = reverb_time_s(75, CORRECTED) - reverb_time_s(150, CORRECTED)
    assert jump < 0.9 < reverb_time_s(75, LI2022) - reverb_time_s(150, LI2022)


@pytest.mark.parametrize(
    ("bpm", "pre_delay_s"), [(120, 0.03125), (70, 0.053571), (160, 0.046875), (None, 0.04)]
)
def test_fade_in_reaches_minus_1_db_after_the_pre_delay(bpm, pre_delay_s):
    """The wet sound rises as 1 − 10^(−3 t / fade-in); pre-delays are 30 to 60 ms."""
    rise = 1 - 10 ** (-3 * pre_delay_s / fade_in_s(bpm))
    assert 20 * np.log10(rise) == pytest.approx(-1.0, abs=0.02)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is absent")
def test_tempo_of_songs_is_right_in_18_of_19_and_never_but_for_an_octave():
    """Eight synthesised and eleven recorded excerpts against their scores, within 1 %."""
    songs = [
        (path, path.with_name(path.name.replace("_backing.flac", "_notes.json")))
        for path in sorted((SHARED / "synth").glob("*_backing.flac"))
    ]
    songs += [
        (path, path.parent / "song.json")
        for path in sorted((SHARED / "stems").glob("*/*_[123]_backing.flac"))
    ]
    right = 0
    for path, score in songs:
        audio, rate = read_audio(path)
        truth = float(json.loads(score.read_text())["bpm"])
        found = tempo_bpm(audio, rate)
        assert found is not None
        assert min(abs(found * factor / truth - 1) for factor in (0.5, 1, 2)) < 0.01, path.name
        folded = truth if truth >= 70 else 2 * truth
        right += abs(found / folded - 1) < 0.01
    assert (right, len(songs)) == (18, 19)
