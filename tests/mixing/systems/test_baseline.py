"""The rule-based system: its decisions in both profiles and whole mixes of a made-up song."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyebur128
import pytest

import places
from mixing.audio import Song
from mixing.ingest.intake import read_song
from mixing.meters.loudness import integrated_loudness
from mixing.profiles import CORRECTED, LI2022
from mixing.systems.base import SystemSettings
from mixing.systems.baseline import BaselineDecisions, create
from mixing.systems.registry import create_system, system_names

RATE = 44_100
BPM = 104.0
needs_shared = pytest.mark.skipif(
    not places.SHARED.is_dir(), reason="the shared data folder is absent"
)


def made_up_song(seconds=8.0):
    """Harmonic notes with pauses over a drum pattern and a chord; reproducible."""
    rng = np.random.default_rng(11)
    time = np.arange(int(seconds * RATE)) / RATE
    beat = 60 / BPM
    note = np.floor(time / beat).astype(int)
    pitch = 220.0 * 2 ** (rng.integers(0, 8, note.max() + 1) / 12)[note]
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    loudness = (rng.uniform(0.05, 1.0, note.max() + 1) * (rng.random(note.max() + 1) > 0.2))[note]
    vocal = 0.15 * voice * loudness * np.minimum(1, (time % beat) / 0.03)
    drums = rng.standard_normal(time.size) * np.exp(-(time % beat) / 0.03)
    chord = sum(np.sin(2 * np.pi * f * time) for f in (110.0, 164.8, 220.0, 440.0, 880.0))
    left = 0.1 * drums + 0.03 * chord
    backing = np.stack([left, np.roll(left, 40)])
    return Song(
        np.repeat(vocal[None], 2, axis=0).astype(np.float32), backing.astype(np.float32), RATE
    )


@pytest.fixture(scope="module")
def song():
    """The made-up song."""
    return made_up_song()


@pytest.fixture(scope="module")
def mixes(song):
    """The song mixed by both profiles."""
    return {
        profile.name: create(SystemSettings(profile=profile)).mix(song)
        for profile in (LI2022, CORRECTED)
    }


def test_the_baseline_is_found_by_its_name():
    """The registry knows it."""
    assert "baseline" in system_names()
    assert create_system("baseline", SystemSettings(profile=LI2022)).profile is LI2022


@pytest.mark.parametrize("profile", [LI2022, CORRECTED])
def test_a_mix_has_the_profiles_balance_and_loudness_on_an_independent_meter(mixes, profile):
    """Relative loudness and output loudness, read by libebur128, within 0.1 LU."""
    mix = mixes[profile.name]
    lufs = {
        name: pyebur128_loudness(stem)
        for name, stem in (("vocal", mix.vocal), ("backing", mix.backing), ("mix", mix.audio))
    }
    expected_lu = profile.relative_loudness_lu
    assert lufs["vocal"] - lufs["backing"] == pytest.approx(expected_lu, abs=0.1)
    assert lufs["mix"] == pytest.approx(profile.mix_loudness_lufs, abs=0.1)
    assert mix.report.relative_loudness_lu == expected_lu
    assert mix.report.true_peak_dbtp <= -1.0
    np.testing.assert_allclose(mix.audio, mix.vocal + mix.backing, atol=1e-6)


def pyebur128_loudness(audio):
    """Integrated loudness by libebur128."""
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_I)
    interleaved = np.ascontiguousarray(audio.T).ravel()
    state.add_frames(interleaved, audio.shape[1])
    return pyebur128.get_loudness_global(state)


def test_li2022_reverb_is_the_published_constants_with_the_tempo_rule(mixes):
    """Ten parameters as in Li's (2022) table; reverb time (200 − 104) / 45 = 2.13 s."""
    reverb = mixes["li2022"].report.reverb
    assert reverb.reverb_time_s == pytest.approx((200 - BPM) / 45, abs=0.03)
    assert (reverb.dry_wet, reverb.fade_in_s, reverb.room_size) == (0.11475, 0.677, 15)
    assert (reverb.low_shelf_frequency_hz, reverb.low_shelf_gain_db_per_s) == (101.77, -2.13)
    assert (reverb.high_shelf_frequency_hz, reverb.high_shelf_gain_db_per_s) == (11858.5, -16.02)
    assert (reverb.low_shelf_q, reverb.high_shelf_q) == (0.527, 0.771)


def test_li2022_reverb_is_inaudible_and_the_corrected_one_is_where_listeners_want_it(mixes):
    """Relative reverb loudness: about −38 LU, against −14 LU or what the decay allows."""
    measured = {
        name: mix.report.extra["relative_reverb_loudness_lu"] for name, mix in mixes.items()
    }
    assert measured["li2022"] < -34
    assert measured["corrected"] == pytest.approx(preferred_lu(mixes["corrected"]), abs=0.1)
    assert mixes["corrected"].report.extra["too_reverberant_logit"] <= 0
    assert "too_reverberant_logit" not in mixes["li2022"].report.extra


def preferred_lu(mix):
    """-14 LU, or softer where De Man's regression on level and early decay asks for it."""
    decades = np.log10(mix.report.extra["early_decay_time_s"])
    return min(-14.0, -(6.7767 + 2.5619 * decades) / 0.4866)


def test_corrected_reverb_time_follows_the_tempo_that_is_reported(mixes):
    """104 beats per minute: 2.9 − 0.01167 · 104 = 1.69 s."""
    report = mixes["corrected"].report
    assert report.extra["tempo_bpm"] == pytest.approx(BPM, rel=0.01)
    assert report.reverb.reverb_time_s == pytest.approx(1.686, abs=0.02)


def test_equaliser_stays_within_the_profiles_limits_and_masking_is_reported(mixes):
    """At most four bands of ±8 or ±6 dB; masking before and after are in the report."""
    for name, limit_db in (("li2022", 8.0), ("corrected", 6.0)):
        report = mixes[name].report
        assert len(report.eq) <= 4
        assert all(abs(band.gain_db) <= limit_db for band in report.eq)
        assert {"masking_before_db", "masking_after_db"} <= set(report.extra)
    corrected = mixes["corrected"].report.extra
    assert corrected["masking_after_db"] <= corrected["masking_before_db"]


# Of the mix as it was published, before the other profile learnt more.
LI2022_GOLDEN = {
    "entries": [
        "threshold_db", "ratio", "attack_ms", "release_ms", "lra_before_lu", "lra_after_lu",
        "lra_target_lu", "reached",
    ],
    "lra_after_lu": 14.68414744801173,
    "eq": [{"frequency_hz": 63.0, "gain_db": 8.0, "q": 1.0}],
    "relative_reverb_loudness_lu": -35.55457945843408,
    "early_decay_time_s": 2.9304761904761905,
    "vocal_gain_db": -6.126187974296066,
    "backing_gain_db": -6.8379174501619495,
    "true_peak_dbtp": -14.562227697488265,
}  # fmt: skip


def test_the_li2022_mix_is_as_published(mixes):
    """Entry by entry and number by number what the profile gave before."""
    report = mixes["li2022"].report.as_json()
    assert list(report["compression"]) == LI2022_GOLDEN["entries"]
    assert report["compression"]["lra_after_lu"] == pytest.approx(LI2022_GOLDEN["lra_after_lu"])
    assert report["eq"] == LI2022_GOLDEN["eq"]
    for name in (
        "relative_reverb_loudness_lu", "early_decay_time_s", "vocal_gain_db", "backing_gain_db"
    ):  # fmt: skip
        assert report["measured"][name] == pytest.approx(LI2022_GOLDEN[name], rel=1e-6), name
    peak_dbtp = report["output"]["true_peak_dbtp"]
    assert peak_dbtp == pytest.approx(LI2022_GOLDEN["true_peak_dbtp"], rel=1e-6)


@pytest.mark.parametrize("profile", [LI2022, CORRECTED])
def test_compression_aims_at_the_profiles_range(mixes, profile):
    """16.36 LU on Li's (2022) meter, the corrected target on the EBU meter."""
    compression = mixes[profile.name].report.compression
    assert compression.lra_target_lu == profile.lra_target_lu
    assert compression.lra_after_lu <= compression.lra_before_lu + 0.1


def test_the_same_song_always_gives_the_same_mix(song, mixes):
    """No chance anywhere: audio and report repeat exactly."""
    again = create(SystemSettings(profile=CORRECTED, seed=99)).mix(song)
    assert np.array_equal(again.audio, mixes["corrected"].audio)
    assert again.report.as_json() == mixes["corrected"].report.as_json()
    json.dumps(again.report.as_json(), allow_nan=False)


@pytest.mark.parametrize("profile", [LI2022, CORRECTED])
def test_a_silent_vocal_leaves_the_backing_at_the_mixs_loudness(song, profile):
    """The mix is the backing alone, and says so."""
    mix = create(SystemSettings(profile=profile)).mix(
        Song(np.zeros_like(song.vocal), song.backing, RATE)
    )
    assert any("vocal is silent" in note for note in mix.report.notes)
    loudness = integrated_loudness(mix.audio, RATE)
    assert loudness == pytest.approx(profile.mix_loudness_lufs, abs=0.05)


@pytest.mark.parametrize("profile", [LI2022, CORRECTED])
def test_a_silent_backing_leaves_the_vocal(song, profile):
    """No tempo, no masking, no balance: a finite mix of the vocal with the default reverb time."""
    mix = create(SystemSettings(profile=profile)).mix(
        Song(song.vocal, np.zeros_like(song.backing), RATE)
    )
    assert np.isfinite(mix.audio).all()
    assert "tempo_bpm" not in mix.report.extra
    assert mix.report.eq == ()
    default_s = 1.5949 if profile is LI2022 else 1.5
    assert mix.report.reverb.reverb_time_s == default_s


def test_choices_can_be_asked_one_by_one(song):
    """A fifth system may borrow single decisions of the baseline."""
    decisions = BaselineDecisions(CORRECTED)
    target = decisions.choose_compression(song.vocal, song.backing, RATE)
    assert target.lra_lu == CORRECTED.lra_target_lu
    assert decisions.choose_relative_loudness(song.vocal, song.backing, RATE) == -3.43
    assert decisions.facts() == {}


RECORDED = (
    places.RECORDED / "francium",
    pytest.param(
        places.SHARED / "data" / "stems" / "hydrogen" / "hydrogen_3",
        marks=[pytest.mark.slow, pytest.mark.shared, needs_shared],
    ),
)


@pytest.mark.parametrize("stem", RECORDED, ids=["francium", "hydrogen_3"])
def test_recorded_songs_mix_to_target(stem):
    """Real vocals: loudness, balance and reverb reach the corrected profile's targets."""
    song = read_song(Path(f"{stem}_vocal.flac"), Path(f"{stem}_backing.flac"))
    mix = create(SystemSettings(profile=CORRECTED)).mix(song)
    assert pyebur128_loudness(mix.audio) == pytest.approx(-23, abs=0.1)
    reverb_lu = mix.report.extra["relative_reverb_loudness_lu"]
    assert reverb_lu == pytest.approx(preferred_lu(mix), abs=0.1)
    assert mix.report.extra["too_reverberant_logit"] <= 0
    assert mix.report.compression.reached
