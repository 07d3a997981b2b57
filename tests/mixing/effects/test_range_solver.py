"""The histogram solver against rendering and metering."""

from __future__ import annotations

import numpy as np
import pytest

from mixing.audio import Audio
from mixing.effects.compressor_laws import compress
from mixing.effects.range_solver import (
    SCAN_TO_LU,
    EnvelopeHistogram,
    envelope_histogram,
    solve_range,
)
from mixing.meters.loudness import block_powers, integrated_loudness, loudness_range
from mixing.parameters import CompressionSettings

RATE = 48_000
ATTACK_MS, RELEASE_MS = 30.0, 150.0


def coloured_phrases(seed: int = 0, seconds: int = 20) -> Audio:
    """Tones of changing pitch and level, a second each, over faint noise; channels differ."""
    rng = np.random.default_rng(seed)
    t = np.arange(RATE) / RATE
    seconds_of_tone = [
        10 ** (rng.uniform(-40, -6) / 20)
        * sum(np.sin(2 * np.pi * rng.uniform(100, 4000) * t) for _ in range(3))
        for _ in range(seconds)
    ]
    tone = np.concatenate(seconds_of_tone)
    sides = np.array([[0.4], [0.2]]) * tone + 1e-4 * rng.standard_normal((2, tone.size))
    return np.asarray(sides, dtype=np.float32)


@pytest.fixture(scope="module")
def audio() -> Audio:
    """Twenty seconds of changing tones."""
    return coloured_phrases()


@pytest.fixture(scope="module")
def histogram(audio: Audio) -> EnvelopeHistogram:
    """Its histogram."""
    return envelope_histogram(audio, RATE, ATTACK_MS, RELEASE_MS)


def test_row_sums_are_the_block_powers(audio: Audio, histogram: EnvelopeHistogram) -> None:
    """Sorting power by level loses none of it."""
    assert histogram.block_powers() == pytest.approx(block_powers(audio, RATE), rel=1e-9)


def test_mono_counts_once(audio: Audio) -> None:
    """One channel alone has its own power, not double."""
    mono = audio[:1]
    powers = envelope_histogram(mono, RATE, ATTACK_MS, RELEASE_MS).block_powers()
    assert powers == pytest.approx(block_powers(mono, RATE), rel=1e-9)


@pytest.mark.parametrize("ratio", [1.5, 4.0, 8.0])
@pytest.mark.parametrize("threshold_db", [-15.0, -25.0, -35.0])
def test_the_prediction_is_what_rendering_gives(
    audio: Audio, histogram: EnvelopeHistogram, threshold_db: float, ratio: float
) -> None:
    """Within 0.15 LU of compressing and metering."""
    rendered = compress(
        audio, RATE, CompressionSettings(threshold_db, ratio, ATTACK_MS, RELEASE_MS)
    )
    measured = loudness_range(rendered, RATE)
    assert histogram.range_lu(threshold_db, ratio) == pytest.approx(measured, abs=0.15)


def test_no_compression_predicts_the_range_as_it_is(
    audio: Audio, histogram: EnvelopeHistogram
) -> None:
    """Ratio 1, or a threshold above everything."""
    before = loudness_range(audio, RATE)
    assert histogram.range_lu(-30.0, 1.0) == pytest.approx(before, abs=1e-6)
    assert histogram.range_lu(20.0, 8.0) == pytest.approx(before, abs=1e-6)


@pytest.mark.parametrize("share", [0.9, 0.7, 0.5])
def test_a_reachable_target_is_met_from_the_gentle_side(
    audio: Audio, histogram: EnvelopeHistogram, share: float
) -> None:
    """At most the target, at most 0.1 LU under it, and not with a higher threshold."""
    target = share * loudness_range(audio, RATE)
    solution = solve_range(histogram, target)
    assert solution is not None
    assert solution.reached
    assert target - 0.1 <= solution.predicted_lra_lu <= target
    for higher in np.arange(solution.threshold_db + 0.1, 0.0, 0.5):
        assert histogram.range_lu(float(higher), solution.ratio) > target


def test_an_unreachable_target_gets_the_nearest(audio: Audio, histogram: EnvelopeHistogram) -> None:
    """The smallest range of all settings that the search permits, and no better on its grid."""
    solution = solve_range(histogram, 0.0)
    assert solution is not None
    assert not solution.reached
    loudness = integrated_loudness(audio, RATE)
    assert solution.threshold_db >= loudness + SCAN_TO_LU - 1e-6
    grid = [
        histogram.range_lu(loudness + step, 8.0) for step in np.arange(12.0, SCAN_TO_LU - 1e-9, -2)
    ]
    assert solution.predicted_lra_lu <= min(grid) + 0.01


def test_silence_needs_no_setting() -> None:
    """There is nothing to solve."""
    silence = np.zeros((2, 5 * RATE), dtype=np.float32)
    assert solve_range(envelope_histogram(silence, RATE, ATTACK_MS, RELEASE_MS), 5.0) is None
