"""A delay is found to the sample, and similarity is 1 for the same and small for other sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixing.audio import Audio
from mixing.meters.alignment import find_alignment, shifted

RATE = 8000


def noise(seed: int, seconds: float = 4.0) -> Audio:
    """Two channels of noise with swelling level."""
    samples = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    swell = 1 + np.sin(np.arange(samples.shape[1]) / RATE)
    return np.asarray(0.1 * samples * swell, dtype=np.float32)


@given(delay=st.integers(-RATE, RATE), gain=st.floats(-2, 2).filter(lambda g: abs(g) > 0.01))
def test_a_delay_is_found_to_the_sample(delay: int, gain: float) -> None:
    """Up to a second either way, at any level and polarity."""
    reference = noise(1)
    recording = np.float32(gain) * shifted(reference, -delay, reference.shape[1])
    found = find_alignment(recording, reference, RATE)
    assert found.delay_samples == delay
    back = shifted(recording, found.delay_samples, reference.shape[1])
    inner = slice(RATE, -RATE)
    assert np.allclose(back[:, inner], gain * reference[:, inner], atol=1e-5)


def test_the_same_sound_has_similarity_one_and_another_hardly_any() -> None:
    """Closed form for independent noise: about √(2 ln n / n) at most; 0.05 here."""
    assert find_alignment(noise(1), noise(1), RATE).similarity == pytest.approx(1.0, abs=1e-6)
    assert find_alignment(noise(1), noise(2), RATE).similarity < 0.05


def test_noise_added_lowers_similarity_as_expected() -> None:
    """Equal parts of the reference and of something else: 1/√2."""
    both = noise(1) + noise(2)
    assert find_alignment(both, noise(1), RATE).similarity == pytest.approx(2**-0.5, abs=0.02)


def test_different_lengths_are_compared_where_they_meet() -> None:
    """A recording may be longer or shorter than its reference."""
    reference = noise(1)
    longer = np.pad(reference, ((0, 0), (500, 4000)))
    assert find_alignment(longer, reference, RATE).delay_samples == 500
    assert find_alignment(reference, longer, RATE).delay_samples == -500


def test_silence_resembles_nothing() -> None:
    """Similarity 0, delay 0."""
    found = find_alignment(np.zeros((2, RATE), dtype=np.float32), noise(1), RATE)
    assert (found.delay_samples, found.similarity) == (0, 0.0)


def test_shifting_fills_with_silence() -> None:
    """Forward, backward, longer and shorter."""
    audio = np.arange(1, 5, dtype=np.float32)[None]
    assert shifted(audio, 1, 4).tolist() == [[2, 3, 4, 0]]
    assert shifted(audio, -2, 4).tolist() == [[0, 0, 1, 2]]
    assert shifted(audio, 0, 6).tolist() == [[1, 2, 3, 4, 0, 0]]
    assert shifted(audio, 9, 3).tolist() == [[0, 0, 0]]
