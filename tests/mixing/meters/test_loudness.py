"""Loudness meters against the EBU's own test signals, closed forms and libebur128."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyebur128
import pytest

import places
from mixing.audio import Audio, AudioError, as_stereo
from mixing.ingest.decoding import read_audio
from mixing.meters.k_weighting import k_filter, pair_powers
from mixing.meters.loudness import (
    BLOCKS_MOMENTARY,
    BLOCKS_SHORT_TERM,
    block_powers,
    integrated_from_powers,
    integrated_loudness,
    loudness_range,
    lra_100ms,
    lufs_of_power,
    measure,
    range_from_powers,
)
from mixing.profiles import CORRECTED, LI2022

RATE = 48_000
STEMS = places.SHARED / "data" / "stems"
EXCERPTS = sorted(STEMS.glob("*/*.flac"))
FULL_VOCALS = sorted(STEMS.glob("*/*_full_vocal.ogg"))


def tones(*parts: tuple[float | None, float], rate: int = RATE) -> Audio:
    """Stereo 1 kHz sine in parts of (peak level in dBFS or None for silence, seconds)."""
    gains = [
        np.full(round(seconds * rate), 0.0 if level is None else 10 ** (level / 20))
        for level, seconds in parts
    ]
    gain = np.concatenate(gains)
    sine = gain * np.sin(2 * np.pi * 1000 * np.arange(gain.size) / rate)
    return np.tile(sine.astype(np.float32), (2, 1))


def noise(seconds: float, rate: int = RATE, seed: int = 0) -> Audio:
    """Two independent channels of noise whose level wanders over some 20 dB."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    knots = rng.uniform(-40, -15, size=round(seconds) + 2)
    level_db = np.interp(np.arange(n) / rate, np.arange(knots.size), knots)
    return (rng.standard_normal((2, n)) * 10 ** (level_db / 20)).astype(np.float32)


def libebur128(audio: Audio, rate: int, mode: str) -> pyebur128.R128State:
    """State of libebur128 after the whole of ``audio``."""
    state = pyebur128.R128State(audio.shape[0], rate, getattr(pyebur128.MeasurementMode, mode))
    state.add_frames(np.ascontiguousarray(audio.T.ravel(), dtype=np.float64), audio.shape[1])
    return state


def running_lufs(audio: Audio, n_blocks: int, rate: int = RATE) -> npt.NDArray[np.float64]:
    """Loudness of windows of ``n_blocks`` × 100 ms, one every 100 ms."""
    windows = np.lib.stride_tricks.sliding_window_view(block_powers(audio, rate), n_blocks)
    return lufs_of_power(windows.mean(axis=1))


TECH_3341_INTEGRATED = {
    "case 1": (-23.0, [(-23.0, 20)]),
    "case 2": (-33.0, [(-33.0, 20)]),
    "case 3": (-23.0, [(-36.0, 10), (-23.0, 60), (-36.0, 10)]),
    "case 4": (-23.0, [(-72.0, 10), (-36.0, 10), (-23.0, 60), (-36.0, 10), (-72.0, 10)]),
    "case 5": (-23.0, [(-26.0, 20), (-20.0, 20.1), (-26.0, 20)]),
}


@pytest.mark.parametrize("case", TECH_3341_INTEGRATED)
def test_integrated_loudness_of_the_ebu_tone_sequences(case: str) -> None:
    """Tech 3341 cases 1 to 5: gates included, within ±0.1 LU."""
    expected, parts = TECH_3341_INTEGRATED[case]
    assert integrated_loudness(tones(*parts), RATE) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 88_200, 96_000])
def test_a_steady_tone_reads_the_same_on_every_measure_and_rate(rate: int) -> None:
    """Tech 3341 case 1 asks momentary, short-term and integrated to be −23 LUFS."""
    loudness = measure(tones((-23.0, 5), rate=rate), rate)
    assert loudness.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert loudness.momentary_max_lufs == pytest.approx(-23.0, abs=0.1)
    assert loudness.short_term_max_lufs == pytest.approx(-23.0, abs=0.1)
    assert loudness.lra_lu == pytest.approx(0.0, abs=0.01)


def test_short_term_loudness_is_constant_over_an_alternating_tone() -> None:
    """Tech 3341 case 9: −20 dBFS for 1.34 s and −30 dBFS for 1.66 s, five times."""
    audio = tones(*[(-20.0, 1.34), (-30.0, 1.66)] * 5)
    assert running_lufs(audio, BLOCKS_SHORT_TERM) == pytest.approx(-23.0, abs=0.1)
    assert measure(audio, RATE).short_term_max_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("step", range(0, 20, 3))
def test_short_term_maximum_catches_a_tone_wherever_it_starts(step: int) -> None:
    """Tech 3341 case 10: 3 s of tone after steps of 150 ms of silence."""
    audio = tones((None, step * 0.15), (-23.0, 3), (None, 1))
    assert measure(audio, RATE).short_term_max_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("step", range(0, 20, 3))
def test_short_term_maximum_follows_the_level(step: int) -> None:
    """Tech 3341 case 11, segment by segment: −38 … −19 LUFS."""
    audio = tones((None, step * 0.15), (-38.0 + step, 3), (None, 3 - step * 0.15))
    assert measure(audio, RATE).short_term_max_lufs == pytest.approx(-38.0 + step, abs=0.1)


def test_momentary_loudness_is_constant_over_an_alternating_tone() -> None:
    """Tech 3341 case 12: −20 dBFS for 0.18 s and −30 dBFS for 0.22 s, twenty-five times."""
    audio = tones(*[(-20.0, 0.18), (-30.0, 0.22)] * 25)
    assert running_lufs(audio, BLOCKS_MOMENTARY)[6:] == pytest.approx(-23.0, abs=0.1)
    assert measure(audio, RATE).momentary_max_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("step", range(20))
def test_momentary_maximum_catches_a_tone_wherever_it_starts(step: int) -> None:
    """Tech 3341 case 13: 0.4 s of tone after steps of 20 ms of silence."""
    audio = tones((None, step * 0.02), (-23.0, 0.4), (None, 1))
    assert measure(audio, RATE).momentary_max_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("step", range(0, 20, 3))
def test_momentary_maximum_follows_the_level(step: int) -> None:
    """Tech 3341 case 14, segment by segment: −38 … −19 LUFS."""
    audio = tones((None, step * 0.02), (-38.0 + step, 0.4), (None, 0.4 - step * 0.02))
    assert measure(audio, RATE).momentary_max_lufs == pytest.approx(-38.0 + step, abs=0.1)


TECH_3342_RANGE = {
    "case 1": (10.0, [(-20.0, 20), (-30.0, 20)]),
    "case 2": (5.0, [(-20.0, 20), (-15.0, 20)]),
    "case 3": (20.0, [(-40.0, 20), (-20.0, 20)]),
    "case 4": (15.0, [(-50.0, 20), (-35.0, 20), (-20.0, 20), (-35.0, 20), (-50.0, 20)]),
}


@pytest.mark.parametrize("windows_per_second", [1, 10])
@pytest.mark.parametrize("case", TECH_3342_RANGE)
def test_loudness_range_of_the_ebu_tone_sequences(case: str, windows_per_second: int) -> None:
    """Tech 3342 cases 1 to 4 allow ±1 LU; the exact answer is known, so ±0.05."""
    expected, parts = TECH_3342_RANGE[case]
    audio = tones(*parts)
    assert loudness_range(audio, RATE, windows_per_second) == pytest.approx(expected, abs=0.05)


def test_k_filter_at_48_khz_is_the_one_printed_in_bs_1770() -> None:
    """The tables of BS.1770 Annex 1 give both biquads for 48 kHz."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    shelf += [-1.69065929318241, 0.73248077421585]
    highpass = [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621]
    assert k_filter(48_000) == pytest.approx(np.array([shelf, highpass]), abs=1e-9)


def test_one_full_scale_channel_reads_minus_three() -> None:
    """BS.1770: a 997 Hz sine of 0 dBFS in one channel reads −3.01 LUFS."""
    sine = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE).astype(np.float32)[None]
    assert integrated_loudness(sine, RATE) == pytest.approx(-3.01, abs=0.01)


def test_mono_counts_as_one_channel() -> None:
    """One channel reads 3.01 LU below the same signal in two."""
    mono = noise(5)[:1]
    difference = integrated_loudness(as_stereo(mono), RATE) - integrated_loudness(mono, RATE)
    assert difference == pytest.approx(10 * math.log10(2), abs=1e-9)


@pytest.mark.parametrize("rate", [32_000, 44_100, 48_000, 96_000])
def test_integrated_loudness_agrees_with_libebur128(rate: int) -> None:
    """Independent channels of wandering noise, at four sample rates."""
    audio = noise(12, rate)
    expected = pyebur128.get_loudness_global(libebur128(audio, rate, "MODE_I"))
    assert integrated_loudness(audio, rate) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("gain_db", [-12.0, 0.0, 3.5])
def test_the_loudness_of_any_balance_of_two_stems_is_that_of_their_rendered_sum(
    gain_db: float, rate: int
) -> None:
    """libebur128 on the sum of two stems that have a part in common, and so a product."""
    first, second = noise(6, rate, 1), noise(6, rate, 2)
    second += np.float32(0.5) * first
    gain = 10 ** (gain_db / 20)
    a, b, c = pair_powers(first, second, rate)
    mix = np.asarray(gain * first + second, dtype=np.float32)
    expected = pyebur128.get_loudness_global(libebur128(mix, rate, "MODE_I"))
    assert integrated_from_powers(gain**2 * a + b + 2 * gain * c) == pytest.approx(
        expected, abs=1e-4
    )
    assert a == pytest.approx(block_powers(first, rate), rel=1e-9)
    assert b == pytest.approx(block_powers(second, rate), rel=1e-9)


def test_products_of_audio_that_is_not_a_number_are_refused() -> None:
    """As with the powers of a single recording."""
    first, second = noise(1), noise(1)
    second[1, 100] = np.nan
    with pytest.raises(AudioError, match="not numbers"):
        pair_powers(first, second, RATE)


@pytest.mark.parametrize("seconds", [3, 4.9, 12.5, 40])
def test_loudness_range_agrees_with_libebur128(seconds: float) -> None:
    """One 3 s window a second, as libebur128 takes them; short clips too."""
    audio = noise(seconds)
    expected = pyebur128.get_loudness_range(libebur128(audio, RATE, "MODE_LRA"))
    assert loudness_range(audio, RATE) == pytest.approx(expected, abs=0.01)
    assert measure(audio, RATE).lra_lu == pytest.approx(expected, abs=0.01)


def test_a_range_takes_a_number_of_windows_that_divides_ten() -> None:
    """Steps are whole blocks of 100 ms."""
    powers = block_powers(noise(5), RATE)
    assert range_from_powers(powers) == range_from_powers(powers, windows_per_second=1)
    for windows_per_second in (0, 3, 20):
        with pytest.raises(ValueError, match="windows_per_second must be 1, 2, 5 or 10"):
            range_from_powers(powers, windows_per_second)


def test_loudness_range_agrees_with_libebur128_read_ten_times_a_second() -> None:
    """Tech 3342 on libebur128's short-term loudness at the 10 Hz the EBU asks for."""
    audio = noise(40, seed=2)
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_S)
    readings = []
    for start in range(0, audio.shape[1], RATE // 10):
        chunk = audio[:, start : start + RATE // 10]
        state.add_frames(np.ascontiguousarray(chunk.T.ravel(), dtype=np.float64), chunk.shape[1])
        readings.append(pyebur128.get_loudness_shortterm(state))
    power = 10 ** (np.array(readings[29:]) / 10)
    power = power[power > 10**-7.0]
    low, high = np.percentile(power[power > power.mean() / 100], [10, 95], method="nearest")
    expected = 10 * math.log10(high / low)
    ten = loudness_range(audio, RATE, windows_per_second=10)
    assert ten == pytest.approx(expected, abs=0.02)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not EXCERPTS, reason="the optional data folder is absent")
def test_measures_agree_with_libebur128_on_all_excerpts() -> None:
    """Integrated loudness within 0.05 LU, the range we report within 0.1 LU."""
    assert len(EXCERPTS) == 31
    for path in EXCERPTS:
        audio, rate = read_audio(path)
        state = libebur128(audio, rate, "MODE_I")
        ranged = libebur128(audio, rate, "MODE_LRA")
        integrated = pyebur128.get_loudness_global(state)
        assert integrated_loudness(audio, rate) == pytest.approx(integrated, abs=0.05), path.name
        expected = pyebur128.get_loudness_range(ranged)
        assert loudness_range(audio, rate) == pytest.approx(expected, abs=0.1), path.name


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not FULL_VOCALS, reason="the optional data folder is absent")
def test_the_corrected_target_is_li2022s_carried_over_to_this_meter() -> None:
    """Complete vocals read some 5 LU less than on the 100 ms meter; 11 LU is 16.36 less that."""
    differences = []
    for path in FULL_VOCALS:
        audio, rate = read_audio(path)
        differences.append(lra_100ms(audio, rate) - loudness_range(audio, rate))
    carried_over = LI2022.lra_target_lu - float(np.mean(differences))
    standard_error = float(np.std(differences, ddof=1) / math.sqrt(len(differences)))
    assert carried_over == pytest.approx(CORRECTED.lra_target_lu, abs=0.5)
    assert abs(carried_over - CORRECTED.lra_target_lu) < standard_error


def test_silence_has_defined_answers() -> None:
    """Digital silence: −inf loudness and peak, range 0, and no warning."""
    loudness = measure(np.zeros((2, 5 * RATE), dtype=np.float32), RATE)
    assert loudness.integrated_lufs == loudness.true_peak_dbtp == -math.inf
    assert loudness.momentary_max_lufs == loudness.short_term_max_lufs == -math.inf
    assert loudness.lra_lu == 0.0


def test_a_constant_offset_is_silence_to_the_meter() -> None:
    """The K filter takes out DC: once its onset has died away nothing is left."""
    audio = np.full((2, 20 * RATE), 0.5, dtype=np.float32)
    assert lufs_of_power(block_powers(audio, RATE)[-1]) < -200


def test_audio_shorter_than_a_gating_block_is_refused() -> None:
    """0.4 s is one block: just enough; one sample less is not."""
    assert measure(tones((-23.0, 0.4)), RATE).short_term_max_lufs == -math.inf
    assert measure(tones((-23.0, 0.4)), RATE).lra_lu == 0.0
    with pytest.raises(AudioError, match=r"0\.4 s"):
        measure(tones((-23.0, 0.4))[:, 1:], RATE)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(value: float) -> None:
    """NaN or infinity anywhere is an error, not a NaN answer."""
    audio = tones((-23.0, 1))
    audio[1, 30_000] = value
    with pytest.raises(AudioError, match="not numbers"):
        measure(audio, RATE)
    with pytest.raises(AudioError, match="not numbers"):
        lra_100ms(audio, RATE)


def test_li2022s_meter_sees_every_tenth_of_a_second() -> None:
    """Levels 10 dB apart, alternating each 100 ms: 10 LU there, none to the EBU's 3 s windows."""
    audio = tones(*[(-20.0, 0.1), (-30.0, 0.1)] * 50)
    assert lra_100ms(audio, RATE) == pytest.approx(10.0, abs=0.01)
    assert loudness_range(audio, RATE) == pytest.approx(0.0, abs=0.1)


def test_li2022s_meter_does_not_weight_frequency_in_stereo() -> None:
    """Its K filter runs across the channels, so 40 Hz counts as much as 4 kHz."""
    t = np.arange(RATE * 4) / RATE
    low, high = (0.1 * np.sin(2 * np.pi * f * t) for f in (40, 4000))
    audio = np.tile(np.concatenate([low, high]).astype(np.float32), (2, 1))
    assert lra_100ms(audio, RATE) == pytest.approx(0.0, abs=0.01)
    assert loudness_range(audio, RATE) > 9


def test_li2022s_meter_weights_frequency_in_mono() -> None:
    """With one channel its K filter runs along time, as it should: 1 kHz passes, 40 Hz does not."""
    t = np.arange(RATE * 4) / RATE
    parts = [0.1 * np.sin(2 * np.pi * f * t) for f in (40, 4000)]
    assert lra_100ms(np.concatenate(parts).astype(np.float32)[None], RATE) > 9
