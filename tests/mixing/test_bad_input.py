"""Whatever is fed in: a finite mix under the ceiling, or one sentence. And profiles that differ."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixing.audio import Audio, AudioError, Song
from mixing.chain import render
from mixing.effects.eq import response_db
from mixing.meters.loudness import loudness_range, lra_100ms
from mixing.meters.true_peak import true_peak_dbtp
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
)
from mixing.profiles import CORRECTED, LI2022, Profile
from mixing.systems.base import SystemSettings
from mixing.systems.registry import create_system

RATE = 32_000
SECONDS = 4
REVERB = ReverbParameters(0.5, 0.4, 0.05, 5.0, 100.0, -2.0, 0.5, 10_000.0, -16.0, 0.7)


def phrases(seed: int, spread_db: float = 30.0) -> Audio:
    """Noise whose level changes every quarter of a second."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((2, SECONDS * RATE))
    level_db = np.repeat(rng.uniform(-10 - spread_db, -10, 4 * SECONDS), RATE // 4)
    return (0.3 * noise * 10 ** (level_db / 20)).astype(np.float32)


def with_fault(audio: Audio, kind: str, size: float) -> Audio:
    """Audio as it should not be."""
    click = np.zeros_like(audio)
    click[0, RATE] = size
    alternating = np.where(np.arange(audio.shape[1]) % 2, -1, 1)[None].astype(np.float32)
    faulty = {
        "none": audio,
        "silence": np.zeros_like(audio),
        "DC": audio + np.float32(size),
        "only DC": np.full_like(audio, size),
        "clipped": np.clip(audio * np.float32(1 + 1000 * size), -1, 1),
        "square": np.sign(audio),
        "one click": click,
        "one channel": audio * np.array([[1], [0]], dtype=np.float32),
        "opposite channels": audio * np.array([[1], [-1]], dtype=np.float32),
        "half the rate": np.repeat(alternating, 2, axis=0) * np.float32(size),
        "denormal": audio * np.float32(1e-36),
        "enormous": audio * np.float32(1e6),
    }
    return np.ascontiguousarray(faulty[kind], dtype=np.float32)


kinds = st.sampled_from(
    ["none", "silence", "DC", "only DC", "clipped", "square", "one click", "one channel",
     "opposite channels", "half the rate", "denormal", "enormous"]
)  # fmt: skip
extremes = st.builds(
    MixParameters,
    st.lists(
        st.builds(
            EqBand, st.sampled_from([20.0, 1000.0, 15_999.0]), st.sampled_from([-15.0, 15.0])
        ),
        max_size=9,
    ).map(tuple),
    st.sampled_from(
        [None, CompressionTarget(0.0), CompressionTarget(60.0),
         CompressionSettings(-100.0, 1e6, 0.0, 0.0), CompressionSettings(20.0, 1.0, 1e4, 1e4)]
    ),
    st.sampled_from(
        [None, REVERB, replace(REVERB, dry_wet=1.0), replace(REVERB, dry_wet=1.0, fade_in_s=0.4)]
    ),
    st.sampled_from([-200.0, -40.0, 0.0, 40.0, 200.0]),
)  # fmt: skip


BAD_INPUT = given(
    vocal_fault=kinds,
    backing_fault=kinds,
    size=st.sampled_from([1e-3, 0.5, 1.0]),
    parameters=extremes,
    profile=st.sampled_from([CORRECTED, LI2022]),
)


@pytest.mark.parametrize("n_examples", [25, pytest.param(80, marks=pytest.mark.slow)])
def test_bad_input_gives_a_finite_mix_under_the_ceiling_or_one_sentence(n_examples: int) -> None:
    """DC, clipping, silence, clicks and extreme levels against extreme parameters and targets."""
    settings(max_examples=n_examples)(BAD_INPUT(_survives))()


def _survives(
    vocal_fault: str, backing_fault: str, size: float, parameters: MixParameters, profile: Profile
) -> None:
    vocal = with_fault(phrases(1), vocal_fault, size)
    backing = with_fault(phrases(2), backing_fault, size)
    mix, sentence = None, ""
    try:
        mix = render(Song(vocal, backing, RATE), parameters, "test", profile)
    except AudioError as error:
        sentence = str(error)
    if mix is None:
        assert "silent" in sentence  # both stems are, or they cancel each other: said so
        return
    assert mix.audio.shape == vocal.shape
    assert np.isfinite(mix.audio).all()
    assert true_peak_dbtp(mix.audio) <= -1.0 + 0.05
    assert np.isfinite(mix.report.integrated_lufs)


# Each system and each fault; `make validate` has all of them together.
TOGETHER = {
    *product(["baseline"], ["silence", "DC", "clipped", "one channel", "enormous"]),
    *product(["random", "cnn"], ["silence", "DC"]),
}


@pytest.mark.parametrize(
    ("system", "fault"),
    [
        pytest.param(*each, marks=() if each in TOGETHER else pytest.mark.slow)
        for each in product(
            ["baseline", "random", "cnn"], ["silence", "DC", "clipped", "one channel", "enormous"]
        )
    ],
)
def test_every_system_survives_a_bad_vocal_and_a_bad_backing(system: str, fault: str) -> None:
    """The systems choose for themselves here; a silent stem is noted."""
    mixer = create_system(system, SystemSettings(CORRECTED, 3, None))
    good, other = phrases(1), phrases(2)
    bad_vocal = (with_fault(good, fault, 0.5), other)
    bad_backing = (good, with_fault(other, fault, 0.5))
    for vocal, backing in (bad_vocal, bad_backing):
        mix = mixer.mix(Song(vocal, backing, RATE))
        assert np.isfinite(mix.audio).all()
        assert true_peak_dbtp(mix.audio) <= -1.0 + 0.05
        if fault == "silence":
            assert any("silent" in note for note in mix.report.notes)


def test_a_silent_vocal_leaves_the_balanced_backing() -> None:
    """The mix is the backing times one gain, at the mix's loudness, whatever was asked for."""
    backing = phrases(2)
    parameters = MixParameters((EqBand(1000.0, 15.0),), CompressionTarget(0.0), REVERB, -40.0)
    mix = render(Song(np.zeros_like(backing), backing, RATE), parameters, "test")
    gain = 10 ** (mix.report.extra["backing_gain_db"] / 20)
    np.testing.assert_allclose(mix.audio, backing * gain, rtol=1e-5)
    assert mix.report.integrated_lufs == pytest.approx(-23.0, abs=0.01)


def test_the_profiles_differ_as_documented() -> None:
    """Section 2 of docs/mixing.md, row by row, on one song."""
    song = Song(phrases(1, 40.0), phrases(2, 10.0), RATE)
    li2022, corrected = (
        create_system("baseline", SystemSettings(profile, 1, None)).mix(song).report
        for profile in (LI2022, CORRECTED)
    )
    # meter and target of the loudness range
    assert li2022.compression is not None
    assert corrected.compression is not None
    assert (li2022.compression.lra_target_lu, corrected.compression.lra_target_lu) == (16.36, 11.0)
    # attack and release: Li's (2022), against those of a compressor that lowers the crest
    assert (li2022.compression.attack_ms, li2022.compression.release_ms) == (30.0, 150.0)
    assert (CORRECTED.attack_ms, CORRECTED.release_ms) == (30.0, 150.0)
    assert (corrected.compression.attack_ms, corrected.compression.release_ms) == (0.3, 100.0)
    # crest
    assert li2022.compression.crest_target_db is None
    kept_db = 9.0 + 0.6 * (corrected.compression.crest_before_db - 9.0)
    assert corrected.compression.crest_target_db == pytest.approx(kept_db, abs=0.01)
    # vocal over backing
    assert (li2022.relative_loudness_lu, corrected.relative_loudness_lu) == (-1.77, -3.43)
    # reverb: a fixed ratio that nobody hears, against a send solved for
    assert li2022.reverb is not None
    assert corrected.reverb is not None
    assert li2022.reverb.dry_wet == 0.11475
    assert li2022.extra["relative_reverb_loudness_lu"] < -25
    decades = math.log10(corrected.extra["early_decay_time_s"])
    loudest_lu = -(6.7767 + 2.5619 * decades) / 0.4866  # De Man's boundary
    reverb_lu = corrected.extra["relative_reverb_loudness_lu"]
    assert reverb_lu == pytest.approx(min(-14.0, loudest_lu), abs=0.1)
    assert li2022.extra["network_reverb_time_s"] == li2022.reverb.reverb_time_s
    # mix loudness
    assert li2022.integrated_lufs == pytest.approx(-28.0, abs=0.01)
    assert corrected.integrated_lufs == pytest.approx(-23.0, abs=0.01)


def test_each_profile_reads_the_range_on_its_own_meter() -> None:
    """The same vocal, left alone by both: Li's (2022) 100 ms meter reads far more."""
    song = Song(phrases(1, 40.0), phrases(2), RATE)
    parameters = MixParameters((), CompressionTarget(60.0), None, 0.0)
    li2022, corrected = (
        render(song, parameters, "test", profile).report.compression
        for profile in (LI2022, CORRECTED)
    )
    assert li2022 is not None
    assert corrected is not None
    assert li2022.lra_before_lu == pytest.approx(lra_100ms(song.vocal, RATE), abs=0.01)
    assert corrected.lra_before_lu == pytest.approx(loudness_range(song.vocal, RATE), abs=0.01)
    assert li2022.lra_before_lu > corrected.lra_before_lu + 5


def test_the_profiles_filters_differ_where_the_bilinear_one_is_cramped() -> None:
    """+15 dB at 8 kHz, 44.1 kHz: equal at the centre, over 2 dB apart near the top."""
    band = (EqBand(8000.0, 15.0),)
    at = np.array([8000.0, 15_000.0])
    matched, rbj = (response_db(band, at, 44_100, design=p.eq_design) for p in (CORRECTED, LI2022))
    assert matched[0] == pytest.approx(rbj[0], abs=0.1)
    assert matched[1] - rbj[1] > 2
