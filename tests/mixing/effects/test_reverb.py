"""The reverb: the network against a plain sample loop, published check values and closed forms."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hadamard
from scipy.signal import butter, fftconvolve, sosfilt

import places
from mixing.audio import AudioError, as_stereo
from mixing.effects.convolution import convolved_pieces
from mixing.effects.decay import decay_time_s, early_decay_time_s
from mixing.effects.delay_network import delay_indices, delay_lengths, network_response
from mixing.effects.reverb import (
    REVERB_RANGES,
    add_reverb,
    decay_time_by_frequency_s,
    impulse_response,
    response_duration_s,
    usable_parameters,
)
from mixing.effects.reverb_loudness import relative_reverb_loudness_lu
from mixing.ingest.decoding import read_audio
from mixing.parameters import ReverbParameters, ReverbTarget

RATE = 44_100
# The parameters for which Li's (2022) description gives check values.
LI2022 = ReverbParameters(1.0, 1.8, 0.0, 15, 102.0, -2.1, 0.53, 11_884.0, -16.0, 0.77)
NEUTRAL = ReverbParameters(0.5, 1.0, 0.0, 15, 100.0, 0.0, 0.5, 8_000.0, 0.0, 0.5)
SHARED = places.SHARED / "data"


def shelf(gain, frequency_hz, q, sample_rate, high):
    """Cookbook shelf, written out in full: numerator and denominator."""
    a = math.sqrt(gain)
    w = 2 * math.pi * frequency_hz / sample_rate
    cos, beta = math.cos(w), math.sqrt(a) * math.sin(w) / q
    if high:
        b = [(a + 1) + (a - 1) * cos + beta, -2 * ((a - 1) + (a + 1) * cos)]
        b += [(a + 1) + (a - 1) * cos - beta]
        d = [(a + 1) - (a - 1) * cos + beta, 2 * ((a - 1) - (a + 1) * cos)]
        d += [(a + 1) - (a - 1) * cos - beta]
    else:
        b = [(a + 1) - (a - 1) * cos + beta, 2 * ((a - 1) - (a + 1) * cos)]
        b += [(a + 1) - (a - 1) * cos - beta]
        d = [(a + 1) + (a - 1) * cos + beta, -2 * ((a - 1) + (a + 1) * cos)]
        d += [(a + 1) + (a - 1) * cos - beta]
    return np.array(b) * a / d[0], np.array(d) / d[0]


def reverberated(audio, sample_rate, parameters):
    """The audio with its reverb, in stereo."""
    stereo = np.array(as_stereo(audio), dtype=np.float32)
    add_reverb(stereo, sample_rate, parameters)
    return stereo


def plain_loop(parameters, decay_time_s, sample_rate, audio):
    """The network as its description reads, one sample at a time; returns the wet output."""
    lengths = delay_lengths(parameters.room_size, sample_rate)
    seconds = lengths / sample_rate
    gains = 10 ** (-3 * seconds / decay_time_s)
    p = parameters
    shelves = (
        (p.high_shelf_gain_db_per_s, p.high_shelf_frequency_hz, p.high_shelf_q, True),
        (p.low_shelf_gain_db_per_s, p.low_shelf_frequency_hz, p.low_shelf_q, False),
    )
    filters = [
        [shelf(10 ** (gain * length / 20), frequency, q, sample_rate, high) for length in seconds]
        for gain, frequency, q, high in shelves
    ]
    b = np.array([[pair[0] for pair in row] for row in filters])  # (2 shelves, 64, 3)
    a = np.array([[pair[1] for pair in row] for row in filters])
    inputs, outputs = np.zeros((2, 64, 3)), np.zeros((2, 64, 3))
    lines, heads = np.zeros((64, lengths.max())), np.zeros(64, dtype=int)
    matrix = hadamard(64) / 8
    result = np.zeros_like(audio, dtype=np.float64)
    for n in range(audio.shape[1]):
        v = lines[np.arange(64), heads].copy()
        v[:2] += audio[:, n]
        for s in range(2):
            inputs[s] = np.roll(inputs[s], 1, axis=1)
            outputs[s] = np.roll(outputs[s], 1, axis=1)
            inputs[s][:, 0] = v
            feedback = (a[s][:, 1:] * outputs[s][:, 1:]).sum(axis=1)
            outputs[s][:, 0] = v = (b[s] * inputs[s]).sum(axis=1) - feedback
        result[:, n] = v[:2]
        lines[np.arange(64), heads] = matrix @ (gains * v)
        heads = (heads + 1) % lengths
    return result


def energy_db(response):
    """Sum of squares in dB."""
    return 10 * math.log10(float(np.sum(np.square(response, dtype=np.float64))))


def tail_over_direct_db(parameters):
    """Energy after the direct sound over the direct sound, left channel of a centred impulse."""
    left = impulse_response(parameters, RATE)[0]
    return energy_db(left[1:]) - 20 * math.log10(left[0])


def noise(n_channels, n_samples, seed=0):
    """White noise at −20 dBFS RMS."""
    values = np.random.default_rng(seed).standard_normal((n_channels, n_samples)) * 0.1
    return values.astype(np.float32)


def test_the_network_equals_a_plain_sample_loop_for_stereo_input():
    """Block-wise render and the description's per-sample loop agree to rounding."""
    parameters = replace(
        LI2022, high_shelf_frequency_hz=2_000.0, high_shelf_gain_db_per_s=-60.0, room_size=7
    )
    rate, n_samples = 8_000, 2_500
    for channel, inputs in enumerate(((1.0, 0.0), (0.0, 1.0))):
        impulse = np.zeros((2, n_samples))
        impulse[channel, 0] = 1
        expected = plain_loop(parameters, 0.9, rate, impulse)
        actual = network_response(parameters, 0.9, rate, n_samples, inputs)
        np.testing.assert_allclose(actual, expected, atol=1e-12)


def test_reverb_of_noise_equals_two_plain_loops_and_the_dry_sound():
    """The whole effect, with fade-in and different channels, is what running the loops gives."""
    rate = 8_000
    parameters = ReverbParameters(0.4, 0.3, 0.1, 3, 200.0, -9.0, 0.6, 2_500.0, -40.0, 0.7)
    audio = noise(2, 3_300)
    main = plain_loop(parameters, 0.3, rate, audio)
    fade = plain_loop(parameters, 0.1, rate, audio)
    expected = 0.6 * audio + 0.4 * (main - fade)
    actual = reverberated(audio, rate, parameters)
    np.testing.assert_allclose(actual, expected, atol=2e-6)


def test_delays_are_the_published_primes():
    """Room size 15 steps through the primes as described; delays are primes in 0.1 ms."""
    indices = delay_indices(15)
    assert indices[:10].tolist() == [1, 2, 3, 5, 7, 9, 11, 14, 17, 20]
    # Half away from zero, as the plug-in rounds, gives 506; the description's own check value of
    # 505 (362.3 ms) follows from rounding half to even.
    assert indices[-1] == 506
    assert delay_lengths(15, RATE)[0] == 22  # 0.5 ms
    assert delay_lengths(30, RATE)[-1] == pytest.approx(0.8329 * RATE, abs=5)
    assert np.all(np.diff(delay_indices(1)) == 1)
    assert np.all(np.diff(delay_indices(30)) > 0)


def test_decay_has_the_published_times():
    """T20 is 1.71 s and the early decay time 0.96 s for the published parameters."""
    tail = impulse_response(LI2022, RATE)[:1].copy()
    tail[:, 0] = 0
    assert decay_time_s(tail, RATE, -5, -25) == pytest.approx(1.71, abs=0.02)
    assert early_decay_time_s(tail, RATE) == pytest.approx(0.96, abs=0.04)


@pytest.mark.parametrize(
    ("dry_wet", "fade_in_s", "expected_db"),
    [
        (0.11, 0.0, -29.0),
        (0.11, 0.68, -38.1),
        (0.1148, 0.0, -28.6),
        (0.1148, 0.68, -37.7),
        (0.30, 0.0, -20.3),
        (0.30, 0.68, -27.3),
        (1.0, 0.0, -9.8),
    ],
)
def test_tail_energy_is_the_published_one(dry_wet, fade_in_s, expected_db):
    """Tail over direct sound matches the description's table within 0.3 dB."""
    parameters = replace(LI2022, dry_wet=dry_wet, fade_in_s=fade_in_s)
    assert tail_over_direct_db(parameters) == pytest.approx(expected_db, abs=0.3)


def test_direct_sound_keeps_its_level_without_fade_in_and_loses_the_wet_share_with_it():
    """Direct gain is 1 without and 1 − w with a fade-in."""
    without = impulse_response(replace(LI2022, dry_wet=0.4), RATE)
    with_fade = impulse_response(replace(LI2022, dry_wet=0.4, fade_in_s=0.5), RATE)
    np.testing.assert_allclose(without[:, 0], 1.0, atol=1e-3)
    np.testing.assert_allclose(with_fade[:, 0], 0.6, atol=1e-6)


@pytest.mark.parametrize(
    ("reverb_time_s", "room_size", "sample_rate"),
    [(0.6, 5, 44_100), (1.0, 15, 44_100), (2.5, 15, 48_000), (1.2, 15, 96_000), (4.0, 30, 44_100)],
)
def test_decay_time_with_neutral_shelves_is_the_parameter(reverb_time_s, room_size, sample_rate):
    """T30 of the response is within 5 % of the reverb time."""
    parameters = replace(NEUTRAL, dry_wet=1.0, reverb_time_s=reverb_time_s, room_size=room_size)
    tail = impulse_response(parameters, sample_rate).copy()
    tail[:, 0] = 0
    assert decay_time_s(tail, sample_rate) == pytest.approx(reverb_time_s, rel=0.05)


def test_shelves_shorten_the_decay_as_the_formula_says():
    """T60(f) = 60 / (60/RT − G(f)): far inside a shelf G is its gain, far outside 0."""
    parameters = replace(
        NEUTRAL,
        dry_wet=1.0,
        reverb_time_s=2.0,
        high_shelf_frequency_hz=2_000.0,
        high_shelf_gain_db_per_s=-30.0,
        high_shelf_q=0.7,
    )
    low, high = decay_time_by_frequency_s(parameters, RATE, [100.0, 16_000.0])
    assert low == pytest.approx(2.0, rel=0.02)
    assert high == pytest.approx(60 / (30 + 30), rel=0.02)
    tail = impulse_response(parameters, RATE).copy()
    tail[:, 0] = 0
    for band, expected in (((80, 160), low), ((12_000, 18_000), high)):
        filtered = sosfilt(butter(4, band, "bandpass", fs=RATE, output="sos"), tail)
        assert decay_time_s(filtered, RATE, -5, -25) == pytest.approx(expected, rel=0.1)


def test_left_to_right_equals_right_to_left_but_for_a_delay_and_a_gain():
    """Reciprocity of a symmetric matrix: T_RL(n) = g1/g0 · T_LR(n + D1 − D0)."""
    to_right = network_response(LI2022, 1.8, RATE, 20_000, (1.0, 0.0))[1]
    to_left = network_response(LI2022, 1.8, RATE, 20_000, (0.0, 1.0))[0]
    lengths = delay_lengths(15, RATE)[:2]
    gains = 10 ** (-3 * lengths / RATE / 1.8)
    shift = int(lengths[1] - lengths[0])
    expected = gains[1] / gains[0] * to_right[shift:]
    np.testing.assert_allclose(to_left[: -shift or None], expected, atol=1e-12)


def test_fully_dry_is_the_input_itself():
    """A wet share of 0 returns the samples unchanged."""
    audio = noise(2, 20_000)
    assert np.array_equal(reverberated(audio, RATE, replace(LI2022, dry_wet=0.0)), audio)


def test_reverb_is_linear_and_does_not_depend_on_what_comes_later():
    """Doubled input gives doubled output; the tail is cut, not wrapped around."""
    parameters = replace(LI2022, dry_wet=0.5, fade_in_s=0.1)
    audio = noise(2, 40_000)
    wet = reverberated(audio, RATE, parameters)
    np.testing.assert_allclose(reverberated(2 * audio, RATE, parameters), 2 * wet, atol=1e-5)
    short = reverberated(audio[:, :20_000], RATE, parameters)
    np.testing.assert_allclose(short, wet[:, :20_000], atol=1e-5)


def test_mono_is_heard_as_a_centred_sound():
    """One channel gives the two channels that two equal ones give."""
    audio = noise(1, 30_000)
    parameters = replace(LI2022, dry_wet=0.3)
    stereo = reverberated(np.repeat(audio, 2, axis=0), RATE, parameters)
    assert np.array_equal(reverberated(audio, RATE, parameters), stereo)
    response = impulse_response(parameters, RATE)
    expected = fftconvolve(np.repeat(audio, 2, axis=0), response, axes=1)[:, :30_000]
    np.testing.assert_allclose(stereo, expected, atol=2e-5)


def test_the_direct_sound_loses_what_the_reverberation_gets():
    """Until the first echo arrives there is the input alone, with a gain of 1 − w."""
    audio = noise(2, 30_000)
    whole = reverberated(audio, RATE, replace(LI2022, dry_wet=0.3, fade_in_s=0.2))
    first_echo = delay_lengths(LI2022.room_size, RATE)[0]
    np.testing.assert_allclose(whole[:, :first_echo], 0.7 * audio[:, :first_echo], rtol=1e-5)
    assert np.abs(whole - 0.7 * audio)[:, first_echo:].max() > 1e-3


def test_silence_stays_silent():
    """No sound in, no sound out, and no reverb loudness to solve for."""
    silence = np.zeros((2, RATE), dtype=np.float32)
    assert not reverberated(silence, RATE, LI2022).any()
    assert relative_reverb_loudness_lu(silence, silence, RATE) == -math.inf
    assert add_reverb(silence, RATE, ReverbTarget(LI2022, -14.0)) == (LI2022, -math.inf)


@pytest.mark.parametrize("sample_rate", [32_000, 96_000])
def test_a_network_that_would_grow_is_held_to_twelve_seconds(sample_rate):
    """Both shelves boosting against 9 s: the slowest frequency then takes 12 s."""
    growing = ReverbParameters(1.0, 9.0, 9.0, 30, 20_000.0, 6.0, 0.9, 20.0, 4.0, 0.9)
    frequency = np.geomspace(20, sample_rate / 2, 200)
    times = decay_time_by_frequency_s(growing, sample_rate, frequency)
    assert times.min() > 0
    assert times.max() == pytest.approx(12.0, rel=0.02)
    assert response_duration_s(growing, sample_rate) <= 16.0


@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    drawn=st.fixed_dictionaries(
        {name: st.floats(*bounds) for name, bounds in REVERB_RANGES.items()}
    ),
    n_channels=st.sampled_from([1, 2]),
)
def test_any_parameters_give_a_finite_decaying_response_of_the_songs_length(drawn, n_channels):
    """Over the whole range nothing grows or turns into NaN, and the same input repeats exactly."""
    parameters = ReverbParameters(**drawn)
    audio = noise(n_channels, 24_000)
    result = reverberated(audio, 32_000, parameters)
    assert result.shape == (2, 24_000)
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    assert np.array_equal(result, reverberated(audio, 32_000, parameters))
    early, late = np.array_split(impulse_response(parameters, 32_000)[:, 1:], 2, axis=1)
    assert np.square(late).sum() <= 0.1 * np.square(early).sum() + 1e-12


def test_a_fade_in_too_short_to_be_meant_is_none():
    """Under 5 ms (half the plug-in's step) no fade-in network runs, however small the number."""
    assert usable_parameters(replace(NEUTRAL, fade_in_s=2e-311), RATE).fade_in_s == 0
    assert usable_parameters(replace(NEUTRAL, fade_in_s=0.005), RATE).fade_in_s == 0.005


def test_values_outside_their_range_are_moved_to_the_bound_and_nonsense_is_refused():
    """12 s becomes 9 s; NaN is one clear sentence."""
    assert usable_parameters(replace(NEUTRAL, reverb_time_s=12.0), RATE).reverb_time_s == 9.0
    with pytest.raises(AudioError, match="reverb_time_s is nan"):
        usable_parameters(replace(NEUTRAL, reverb_time_s=math.nan), RATE)


@pytest.mark.parametrize(
    ("n_samples", "n_taps", "n_inputs"),
    [(1, 1, 1), (5, 9, 2), (100, 30_000, 1), (32_769, 9_000, 2), (400_000, 30_000, 2)],
)
def test_convolution_by_blocks_equals_one_long_convolution(n_samples, n_taps, n_inputs):
    """Overlap-save agrees with a single transform, whatever falls on the blocks' edges."""
    audio = noise(n_inputs, n_samples)
    responses = noise(2 * n_inputs, n_taps, seed=1).reshape(2, n_inputs, n_taps)
    expected = [
        sum(fftconvolve(a.astype(float), r)[:n_samples] for a, r in zip(audio, row, strict=True))
        for row in responses
    ]
    pieces = dict(convolved_pieces(audio, responses))
    assert list(pieces) == [0, *np.cumsum([piece.shape[1] for piece in pieces.values()])[:-1]]
    actual = np.concatenate(list(pieces.values()), axis=1)
    np.testing.assert_allclose(actual, expected, atol=2e-6 * np.abs(expected).max())


def test_relative_reverb_loudness_of_scaled_copies_is_the_gain():
    """The same signal 14 dB lower reads −14 LU, whatever the signal does."""
    dry = noise(2, 3 * RATE)
    dry[:, RATE : 2 * RATE] = 0  # a pause: gated out
    wet = dry * np.float32(10 ** (-14 / 20))
    assert relative_reverb_loudness_lu(wet, dry, RATE) == pytest.approx(-14.0, abs=0.01)


@pytest.mark.parametrize("fade_in_s", [0.0, 0.25])
def test_a_solved_send_has_the_wanted_loudness(fade_in_s):
    """After solving for −14 LU, direct and reverberation of the vocal stand 14 LU apart."""
    rng = np.random.default_rng(5)
    syllables = np.repeat(rng.uniform(0.02, 1, 20), RATE // 5)
    vocal = noise(1, syllables.size) * syllables.astype(np.float32)
    wanted = ReverbTarget(replace(LI2022, fade_in_s=fade_in_s), -14.0)
    parameters, told = add_reverb(as_stereo(vocal), RATE, wanted)
    direct = as_stereo(vocal) * np.float32(1 - parameters.dry_wet if fade_in_s else 1)
    reverberation = reverberated(vocal, RATE, parameters) - direct
    measured = relative_reverb_loudness_lu(reverberation, direct, RATE)
    assert measured == pytest.approx(-14.0, abs=0.05)
    assert told == pytest.approx(-14.0, abs=0.05)
    assert 0.0 < parameters.dry_wet < 0.75
    assert replace(parameters, dry_wet=1.0) == replace(LI2022, fade_in_s=fade_in_s)


def test_an_unreachable_send_leaves_the_direct_sound_a_quarter():
    """A reverb that fades in as it decays is faint; without a fade-in the wet share may be 1."""
    faint = replace(LI2022, fade_in_s=1.75)
    vocal = as_stereo(noise(1, 2 * RATE))
    assert add_reverb(vocal.copy(), RATE, ReverbTarget(faint, -9.0))[0].dry_wet == 0.75
    loud, _ = add_reverb(vocal, RATE, ReverbTarget(LI2022, 20.0))
    assert loud.dry_wet == pytest.approx(1.0)


def test_decay_meter_reads_an_exponential_exactly():
    """Noise times exp(−6.9078 t / T) decays by 60 dB in T."""
    time = np.arange(2 * RATE) / RATE
    response = noise(2, time.size) * np.exp(-3 * np.log(10) * time / 0.8).astype(np.float32)
    assert decay_time_s(response, RATE) == pytest.approx(0.8, rel=0.02)
    assert decay_time_s(response, RATE, -5, -25) == pytest.approx(0.8, rel=0.02)
    assert early_decay_time_s(response, RATE) == pytest.approx(0.8, rel=0.05)


def test_decay_meter_refuses_silence_and_responses_without_decay():
    """Silence has no decay; a single click reaches no −35 dB."""
    with pytest.raises(AudioError, match="silent"):
        decay_time_s(np.zeros((2, 100), dtype=np.float32), RATE)
    click = np.zeros((1, 100), dtype=np.float32)
    click[0, 0] = 1
    with pytest.raises(AudioError, match="does not decay"):
        decay_time_s(click, RATE)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is absent")
def test_decay_meter_agrees_with_the_table_of_recorded_rooms():
    """T20 in three octaves of 20 recorded rooms and plates, left channel, within 5 % or 0.02 s."""
    with (SHARED / "rirs" / "rirs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    for row in rows:
        response, rate = read_audio(SHARED / "rirs" / row["file"])
        for centre in (500, 1000, 2000):
            edges = (centre / math.sqrt(2), centre * math.sqrt(2))
            octave = butter(3, edges, "bandpass", fs=rate, output="sos")
            band = sosfilt(octave, response[:1].astype(np.float64))
            expected = float(row[f"T20_{centre}"])
            assert decay_time_s(band, rate, -5, -25) == pytest.approx(expected, rel=0.05, abs=0.02)
