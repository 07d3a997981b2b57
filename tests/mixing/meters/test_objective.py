"""Objective measures of a mix: sines, noise and gains with known answers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from mixing.audio import AudioError
from mixing.meters.objective import BARK_EDGES_HZ, compare_mixes, measure_mix

RATE = 44_100
CENTROID_BY_LIBROSA_HZ = 11039.561365669717
"""Value of librosa 0.11.0, which compiles for 20 s where it was not used before:
``feature.spectral_centroid(y=noise(1)[0], sr=RATE, n_fft=2048, center=False).mean()``."""


def sine(frequency_hz, seconds=4.0, amplitude=0.5):
    """One channel of a sine."""
    time = np.arange(int(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32)


def noise(n_channels=2, seconds=4.0, seed=0):
    """White noise, channels unrelated."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((n_channels, int(seconds * RATE)))).astype(np.float32)


def test_a_centred_sine_has_its_closed_form_measures():
    """A 0.5 sine: RMS −9.03 dB, crest 3.01 dB, centroid at its frequency, no width."""
    measures = measure_mix(np.stack([sine(1000)] * 2), RATE)
    assert measures.rms_db == pytest.approx(20 * math.log10(0.5) - 3.0103, abs=0.01)
    assert measures.crest_db == pytest.approx(3.0103, abs=0.01)
    assert measures.spectral_centroid_hz == pytest.approx(1000, rel=0.02)
    assert measures.stereo_width == 0.0
    assert measures.stereo_imbalance == 0.0
    # BS.1770: a 997 Hz sine of 0 dBFS in one channel reads −3.01 LUFS.
    assert measures.integrated_lufs == pytest.approx(-3.01 + 3.01 - 6.02, abs=0.05)
    assert measures.lra_lu == pytest.approx(0.0, abs=0.05)


def test_width_is_0_for_mono_1_for_unrelated_channels_and_infinite_for_opposite_ones():
    """Energy of left minus right over energy of left plus right."""
    one, other = noise(2)
    assert measure_mix(np.stack([one, one]), RATE).stereo_width == 0
    assert measure_mix(np.stack([one, other]), RATE).stereo_width == pytest.approx(1, abs=0.02)
    assert measure_mix(np.stack([one, -one]), RATE).stereo_width == math.inf


@pytest.mark.parametrize(("left", "right", "expected"), [(1, 0, -1), (0, 1, 1), (1, 2, 0.6)])
def test_imbalance_is_the_energy_difference_over_the_sum(left, right, expected):
    """(R − L) / (R + L): twice the amplitude at the right is (4 − 1) / (4 + 1)."""
    tone = sine(500, amplitude=0.3)
    measures = measure_mix(np.stack([left * tone, right * tone]), RATE)
    assert measures.stereo_imbalance == pytest.approx(expected, abs=1e-5)


def test_centroid_of_white_noise_is_half_the_band_and_agrees_with_librosa():
    """Flat magnitude averages to a quarter of the sample rate; librosa reads the same."""
    centroid = measure_mix(noise(1), RATE).spectral_centroid_hz
    assert centroid == pytest.approx(RATE / 4, rel=0.01)
    assert centroid == pytest.approx(CENTROID_BY_LIBROSA_HZ, rel=1e-3)


def test_a_mix_equals_itself():
    """Every difference and distance of a mix from itself is 0."""
    comparison = compare_mixes(noise(), noise(), RATE)
    for name in comparison.__slots__:
        assert getattr(comparison, name) == pytest.approx(0.0, abs=1e-6), name


def test_a_louder_copy_differs_in_loudness_alone():
    """6.02 dB of gain is a loudness difference and nothing else once loudness is matched."""
    comparison = compare_mixes(2 * noise(), noise(), RATE)
    assert comparison.loudness_difference_lu == pytest.approx(6.0206, abs=1e-3)
    assert comparison.bark_distance_db == pytest.approx(0.0, abs=1e-3)
    assert comparison.stft_distance == pytest.approx(0.0, abs=1e-3)
    assert comparison.crest_difference_db == pytest.approx(0.0, abs=1e-4)


def test_unmatched_distances_of_a_doubled_copy_have_closed_forms():
    """Bark 6.02 dB; STFT |2 − 1| / 1 + ln 2; audio features 0.1 (ln 2)² + 0.1 · RMS²."""
    quiet = noise()
    comparison = compare_mixes(2 * quiet, quiet, RATE, match_loudness=False)
    assert comparison.bark_distance_db == pytest.approx(6.0206, abs=1e-3)
    assert comparison.stft_distance == pytest.approx(1 + math.log(2), abs=1e-2)
    expected = 0.1 * math.log(2) ** 2 + 0.1 * 0.1**2
    assert comparison.audio_feature_loss == pytest.approx(expected, rel=0.01)


def test_bark_distance_sees_one_band_changed():
    """A tone 12 dB stronger in one of 24 bands: √(12² / 24) where the other bands are equal."""
    tones = [sine((low + high) / 2, 2.0, 0.01) for low, high in _band_pairs()]
    reference = np.stack([sum(tones)] * 2).astype(np.float32)
    changed = reference + np.float32(10 ** (12 / 20) - 1) * tones[12]
    comparison = compare_mixes(changed, reference, RATE, match_loudness=False)
    # middle changes, side is silent in both: half of the 48 bands
    assert comparison.bark_distance_db == pytest.approx(math.sqrt(144 / 48), abs=0.05)


def _band_pairs():
    return list(pairwise(BARK_EDGES_HZ))


def test_an_octave_higher_sine_is_one_octave_brighter():
    """Centroid differences are told in octaves."""
    low, high = (np.stack([sine(f)] * 2) for f in (1000, 2000))
    assert compare_mixes(high, low, RATE).centroid_difference_octaves == pytest.approx(1, abs=0.03)


def test_silence_and_short_audio_have_defined_answers():
    """Silence measures as silence; two silences are equal; under 0.4 s is refused."""
    silence = np.zeros((2, RATE), dtype=np.float32)
    measures = measure_mix(silence, RATE)
    assert measures.integrated_lufs == -math.inf
    assert (measures.crest_db, measures.stereo_width, measures.spectral_centroid_hz) == (0, 0, 0)
    assert compare_mixes(silence, silence, RATE).audio_feature_loss == 0
    assert math.isfinite(compare_mixes(silence, noise(seconds=1.0), RATE).bark_distance_db)
    with pytest.raises(AudioError, match="at least"):
        measure_mix(silence[:, :1000], RATE)


def test_mixes_of_different_length_are_refused():
    """One sentence instead of a comparison of different songs."""
    with pytest.raises(AudioError, match="equally long"):
        compare_mixes(noise(), noise()[:, :-1], RATE)
