"""Compression laws against closed forms and pedalboard; the ways to a loudness range."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pedalboard import Compressor

from mixing.audio import Audio
from mixing.effects.compressor import (
    CREST_TOLERANCE_DB,
    RANGE_TOLERANCE_LU,
    apply_compression,
    compress_to_range,
)
from mixing.effects.compressor_laws import compress, compress_iem
from mixing.meters.dynamics import crest_db, sounding_blocks
from mixing.meters.loudness import (
    block_powers,
    integrated_loudness,
    loudness_range,
    lra_100ms,
)
from mixing.parameters import CompressionSettings, CompressionTarget
from mixing.profiles import CORRECTED, LI2022, Profile

RATE = 44_100
Law = Callable[[Audio, int, CompressionSettings], Audio]


def phrases(seconds: int = 20, spread_db: float = 25.0, seed: int = 0) -> Audio:
    """Noise whose level changes every half second within ``spread_db``: a restless singer."""
    rng = np.random.default_rng(seed)
    level_db = np.repeat(rng.uniform(-spread_db, 0, 2 * seconds) - 12, RATE // 2)
    noise = rng.standard_normal((2, level_db.size)) * 10 ** (level_db / 20) / 3
    return noise.astype(np.float32)


def constant(level_db: float, seconds: float = 2.0) -> Audio:
    """Two channels that hold one value: the envelope of such a signal is known exactly."""
    return np.full((2, round(seconds * RATE)), 10 ** (level_db / 20), dtype=np.float32)


def gain_db(after: Audio, before: Audio, index: int) -> float:
    """Gain at one sample of the left channel."""
    return 20 * math.log10(float(after[0, index] / before[0, index]))


@pytest.mark.parametrize("law", [compress, compress_iem])
@pytest.mark.parametrize(("level_db", "expected_db"), [(-30.0, 0.0), (-20.0, 0.0), (-8.0, -9.0)])
def test_steady_gain_follows_the_curve(law: Law, level_db: float, expected_db: float) -> None:
    """Threshold −20 dB, ratio 4: 12 dB above come out 3 dB above, 9 dB of reduction."""
    audio = constant(level_db)
    out = law(audio, RATE, CompressionSettings(-20.0, 4.0, 5.0, 50.0))
    assert gain_db(out, audio, -1) == pytest.approx(expected_db, abs=0.01)


def test_the_envelope_takes_the_time_it_is_told() -> None:
    """A step from silence to 1 has an envelope of 1 − 1/e after the attack time."""
    audio = constant(0.0)
    out = compress(audio, RATE, CompressionSettings(-40.0, 2.0, 20.0, 500.0))
    envelope_db = 20 * math.log10(1 - math.exp(-1))
    index = round(0.020 * RATE) - 1
    assert gain_db(out, audio, index) == pytest.approx((envelope_db + 40) * (1 / 2 - 1), abs=0.01)


def test_li2022s_law_smooths_the_gain_in_decibels() -> None:
    """After the attack time 63 % of the gain reduction in dB is there; release likewise."""
    audio = np.concatenate([constant(0.0), constant(-60.0)], axis=1)
    out = compress_iem(audio, RATE, CompressionSettings(-40.0, 2.0, 20.0, 100.0))
    attacked, released = round(0.020 * RATE) - 1, 2 * RATE + round(0.100 * RATE) - 1
    assert gain_db(out, audio, attacked) == pytest.approx(-20 * (1 - math.exp(-1)), abs=0.01)
    assert gain_db(out, audio, released) == pytest.approx(-20 * math.exp(-1), abs=0.01)


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(10.0, 80.0), (40.0, 10.0), (20.0, 20.0)])
def test_one_channel_sounds_like_pedalboard_with_honest_times(
    attack_ms: float, release_ms: float
) -> None:
    """JUCE's compressor is the same law with times 2π shorter than named, whichever is longer."""
    audio = phrases(4)[:1]
    theirs = Compressor(-45.0, 4.0, 2 * math.pi * attack_ms, 2 * math.pi * release_ms)(audio, RATE)
    ours = compress(audio, RATE, CompressionSettings(-45.0, 4.0, attack_ms, release_ms))
    assert np.abs(ours - theirs).max() < 1e-5
    assert np.abs(ours - audio).max() > 0.05


def test_both_channels_get_the_same_gain() -> None:
    """The stereo image stays: right over left is what it was, though only the left is loud."""
    audio = phrases(4)
    audio[1] = 0.25 * audio[0]
    out = compress(audio, RATE, CompressionSettings(-30.0, 8.0, 5.0, 50.0))
    assert np.allclose(out[1], 0.25 * out[0], rtol=1e-6, atol=1e-9)


def test_li2022s_side_chain_is_the_left_channel() -> None:
    """Whatever the right channel holds, a silent left leaves it alone; a loud left turns both."""
    audio = phrases(2)
    settings_used = CompressionSettings(-40.0, 8.0, 5.0, 50.0)
    right_only = np.stack([np.zeros_like(audio[1]), audio[1]])
    assert np.array_equal(compress_iem(right_only, RATE, settings_used), right_only)
    left_loud = np.stack([audio[0], 0.001 * audio[0]])
    out = compress_iem(left_loud, RATE, settings_used)
    assert np.abs(out[1]).sum() < 0.6 * np.abs(left_loud[1]).sum()


@pytest.mark.parametrize("law", [compress, compress_iem])
def test_a_ratio_of_one_is_the_identity(law: Law) -> None:
    """Every sample is kept, whatever the threshold."""
    audio = phrases(2)
    out = law(audio, RATE, CompressionSettings(-60.0, 1.0, 10.0, 100.0))
    assert np.array_equal(out, audio)


def test_li2022s_plug_in_takes_high_ratios_as_infinite() -> None:
    """Ratio 16 or 20: the output stays at the threshold."""
    audio = constant(-10.0)
    for ratio in (16.0, 20.0):
        out = compress_iem(audio, RATE, CompressionSettings(-30.0, ratio, 5.0, 50.0))
        assert gain_db(out, audio, -1) == pytest.approx(-20.0, abs=0.01)


@pytest.mark.parametrize("target_lu", [6.5, 5.0, 3.5])
def test_the_range_is_brought_to_the_target(target_lu: float) -> None:
    """Within the tolerance, and no further than needed."""
    audio = phrases()
    out, result = compress_to_range(audio, RATE, CompressionTarget(target_lu), CORRECTED)
    assert result.lra_before_lu == pytest.approx(loudness_range(audio, RATE), abs=1e-6)
    assert result.lra_before_lu > target_lu
    assert loudness_range(out, RATE) == pytest.approx(target_lu, abs=0.1)
    assert result.lra_after_lu == pytest.approx(loudness_range(out, RATE), abs=1e-9)
    assert result.reached
    assert result.lra_target_lu == target_lu


def test_the_setting_is_the_gentlest() -> None:
    """At the ratio taken, a threshold 1 dB higher no longer suffices."""
    audio, target = phrases(), CompressionTarget(5.0)
    _, result = compress_to_range(audio, RATE, target, CORRECTED)
    weaker = CompressionSettings(
        result.threshold_db + 1, result.ratio, result.attack_ms, result.release_ms
    )
    assert loudness_range(compress(audio, RATE, weaker), RATE) > target.lra_lu


@pytest.mark.parametrize("less_db", [1.0, 2.0])
def test_the_crest_is_brought_to_the_target(less_db: float) -> None:
    """By a fast compressor, within a tenth of a decibel, and the range is kept to as well."""
    audio = phrases()
    before_db = crest_db(audio, RATE)
    target = CompressionTarget(6.5, before_db - less_db)
    out, result = compress_to_range(audio, RATE, target, CORRECTED)
    sounding = sounding_blocks(block_powers(audio, RATE))
    assert result.crest_before_db == pytest.approx(before_db, abs=1e-4)
    assert result.crest_after_db == pytest.approx(crest_db(out, RATE, sounding), abs=1e-4)
    assert result.crest_after_db <= before_db - less_db + CREST_TOLERANCE_DB
    assert loudness_range(out, RATE) <= 6.5 + 0.15
    assert result.crest_target_db == target.crest_db
    assert result.attack_ms < 1.0


def test_a_crest_out_of_reach_is_not_chased() -> None:
    """An even tone keeps its crest of 3 dB; the compressor does next to nothing for it."""
    t = np.arange(5 * RATE) / RATE
    audio = np.tile((0.1 * np.sin(2 * np.pi * 200 * t)).astype(np.float32), (2, 1))
    out, result = compress_to_range(audio, RATE, CompressionTarget(30.0, 1.0), CORRECTED)
    assert result.crest_after_db == pytest.approx(3.0, abs=0.3)
    assert result.ratio <= 2.0
    assert np.abs(out[0, RATE:] / 0.1).max() > 0.7


def test_li2022_passes_a_crest_over() -> None:
    """The profile is as published: the same sound, and no crest in what is reported."""
    audio = phrases()
    plain, aimed = (
        compress_to_range(audio, RATE, CompressionTarget(19.0, crest), LI2022)
        for crest in (None, 6.0)
    )
    assert np.array_equal(plain[0], aimed[0])
    assert plain[1] == aimed[1]
    assert not any("crest" in name for name in plain[1].as_json())


def test_two_levels_far_apart_are_compressed_by_the_arithmetic() -> None:
    """Tones of −10 and −30 dBFS: 20 LU apart; 10 LU remain when the louder loses 10 dB."""
    t = np.arange(10 * RATE) / RATE
    tone = np.sin(2 * np.pi * 1000 * t)
    levels = np.concatenate([10 ** (-10 / 20) * tone, 10 ** (-30 / 20) * tone])
    audio = np.tile(levels.astype(np.float32), (2, 1))
    out, result = compress_to_range(audio, RATE, CompressionTarget(10.0), CORRECTED)
    assert result.lra_before_lu == pytest.approx(20.0, abs=0.1)
    assert result.lra_after_lu == pytest.approx(10.0, abs=RANGE_TOLERANCE_LU)
    early, late = out[0, 5 * RATE : 9 * RATE], out[0, 15 * RATE : 19 * RATE]
    drop_db = 20 * math.log10(float(np.abs(early).max() / np.abs(late).max()))
    assert drop_db == pytest.approx(10.0, abs=0.3)


@pytest.mark.parametrize("profile", [CORRECTED, LI2022])
def test_a_range_within_the_target_is_left_alone(profile: Profile) -> None:
    """No compression: the same array, ratio 1, reached."""
    audio = phrases(spread_db=1.0)
    out, result = compress_to_range(audio, RATE, CompressionTarget(30.0), profile)
    assert out is audio
    assert result.ratio == 1.0
    assert result.reached
    assert result.lra_before_lu == result.lra_after_lu


@pytest.mark.parametrize("profile", [CORRECTED, LI2022])
@pytest.mark.parametrize("audio", [np.zeros((2, 5 * RATE), np.float32), constant(-20.0, 5)])
def test_silence_and_constant_sound_are_left_alone(profile: Profile, audio: Audio) -> None:
    """Nothing to compress; no division by zero, no warning."""
    out, result = compress_to_range(audio, RATE, CompressionTarget(5.0), profile)
    assert out is audio
    assert result.lra_after_lu == 0.0
    assert result.reached


def test_an_impossible_target_is_owned_up_to() -> None:
    """Range 0 cannot be had: the nearest is rendered and ``reached`` is False."""
    audio = phrases()
    out, result = compress_to_range(audio, RATE, CompressionTarget(0.0), CORRECTED)
    assert not result.reached
    assert 0 < result.lra_after_lu < 0.5 * result.lra_before_lu
    assert loudness_range(out, RATE) == pytest.approx(result.lra_after_lu)


def test_the_threshold_stays_where_the_range_still_shrinks() -> None:
    """Never more than 20 LU under the programme: lower, the relative gate opens to quiet blocks."""
    audio = phrases(spread_db=45.0, seed=3)
    _, result = compress_to_range(audio, RATE, CompressionTarget(1.0), CORRECTED)
    assert result.threshold_db >= integrated_loudness(audio, RATE) - 20.0


LI2022_STEPS = {  # threshold: ratio as the plug-in rounds 3.0, 3.1, …: steps of 0.2, halves up
    -3.0: 3.0, -6.0: 3.2, -9.0: 3.2, -12.0: 3.4, -15.0: 3.4, -18.0: 3.6, -21.0: 3.6, -24.0: 3.8,
    -27.0: 3.8, -30.0: 4.0, -33.0: 4.0, -33.5: 5.0, -34.0: 6.0, -34.5: 7.0, -35.0: 8.0, -35.5: 9.0,
}  # fmt: skip


@pytest.mark.parametrize("target_lu", [22.0, 19.0, 17.0, 15.0])
def test_li2022s_loop_stops_on_its_own_steps(target_lu: float) -> None:
    """Settings Li (2022) stored: (−18, 3.6), (−24, 3.8), (−27, 3.8); first step that suffices."""
    audio = phrases()
    out, result = compress_to_range(audio, RATE, CompressionTarget(target_lu), LI2022)
    assert LI2022_STEPS[result.threshold_db] == result.ratio
    assert result.lra_after_lu == pytest.approx(lra_100ms(out, RATE))
    n_passes = 1 + list(LI2022_STEPS).index(result.threshold_db)
    tolerance_lu = 1.0 + (0.2 * n_passes if result.lra_before_lu > 20 else 0.0)
    assert result.reached == (result.lra_after_lu - target_lu < tolerance_lu)
    assert (result.attack_ms, result.release_ms) == (30.0, 150.0)


def test_li2022s_loop_gives_up_after_its_last_step() -> None:
    """Threshold −35.5 dB, ratio 9, and ``reached`` False."""
    _, result = compress_to_range(phrases(), RATE, CompressionTarget(1.0), LI2022)
    assert (result.threshold_db, result.ratio, result.reached) == (-35.5, 9.0, False)


def test_settings_given_outright_are_used_and_metered() -> None:
    """No loop; the ranges before and after are those of the profile's meter."""
    audio, choice = phrases(), CompressionSettings(-30.0, 4.0, 30.0, 150.0)
    for profile, law, meter in (
        (CORRECTED, compress, loudness_range),
        (LI2022, compress_iem, lra_100ms),
    ):
        out, result, _ = apply_compression(audio, RATE, choice, profile)
        assert np.array_equal(out, law(audio, RATE, choice))
        assert result.lra_before_lu == meter(audio, RATE)
        assert result.lra_after_lu == meter(out, RATE)
        assert result.lra_target_lu is None


@settings(max_examples=25)
@given(
    threshold_db=st.floats(-50, 10),
    ratio=st.floats(1, 20),
    attack_ms=st.floats(0, 200),
    release_ms=st.floats(0, 1000),
    seed=st.integers(0, 9),
)
def test_no_setting_adds_level_or_breaks(
    threshold_db: float, ratio: float, attack_ms: float, release_ms: float, seed: int
) -> None:
    """Finite, same shape, float32, and never louder than the input, sample by sample."""
    audio = phrases(1, seed=seed)
    settings_used = CompressionSettings(threshold_db, ratio, attack_ms, release_ms)
    for law in (compress, compress_iem):
        out = law(audio, RATE, settings_used)
        assert out.shape == audio.shape
        assert out.dtype == np.float32
        assert np.isfinite(out).all()
        assert (np.abs(out) <= np.abs(audio) * (1 + 1e-6)).all()
