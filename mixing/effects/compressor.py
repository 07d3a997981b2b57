"""Compression of the vocal: two laws, and each profile's way to a wanted loudness range.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; levels in dBFS, times in ms, ranges in LU on the
profile's own meter (``corrected``: :func:`mixing.loudness.loudness_range`; ``seed``:
:func:`mixing.loudness.lra_100ms`).
No look-ahead and no make-up gain: the level balance that follows sets the vocal's loudness.

Laws
----
``compress`` (``corrected``)
    A feed-forward peak compressor as found in JUCE and pedalboard, mended in two points: channels
    are linked (one gain for both, or the stereo image would shift), and the time constants are
    what they say (JUCE's are 2π shorter than named). Envelope z of a = max |channel|:
    z ← a + k (z − a), k = exp(−1/(f_s t)) with the attack time when a > z, else the release time.
    Gain (z / threshold)^(1/ratio − 1) above the threshold, 1 below; hard knee.
``compress_iem`` (``seed``)
    The law of the plug-in the seed drove: the static curve first, fed from the left channel alone,
    and then the *gain in dB* is smoothed.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from numba import njit

from mixing.audio import Audio, sample_peak
from mixing.effects.range_solver import (
    RangeSolution,
    envelope_coefficient,
    envelope_histogram,
    solve_range,
)
from mixing.k_weighting import PIECE, PowerMeter
from mixing.loudness import loudness_range, lra_100ms, range_from_powers
from mixing.parameters import CompressionResult, CompressionSettings, CompressionTarget
from mixing.profiles import Profile

RANGE_TOLERANCE_LU = 0.05  # a range this little above the target counts as reached
_INFINITE_RATIO = 15.9  # the seed's plug-in takes any ratio above this as infinite


def compress(
    audio: Audio, sample_rate: int, settings: CompressionSettings, in_place: bool = False
) -> Audio:
    """Audio under the linked peak compressor; a ratio of 1 is the identity."""
    if settings.ratio <= 1:
        return audio
    gain = linked_gain(audio, sample_rate, settings)
    return np.asarray(np.multiply(audio, gain, out=audio if in_place else None))


def linked_gain(
    audio: Audio, sample_rate: int, settings: CompressionSettings
) -> npt.NDArray[np.float32]:
    """Gain that :func:`compress` gives each sample of all channels, (n_samples,)."""
    return np.asarray(
        _linked_gain(
            audio[0],
            audio[-1],
            10 ** (settings.threshold_db / 20),
            1 / settings.ratio - 1,
            envelope_coefficient(settings.attack_ms, sample_rate),
            envelope_coefficient(settings.release_ms, sample_rate),
        )
    )


def compress_iem(
    audio: Audio, sample_rate: int, settings: CompressionSettings, in_place: bool = False
) -> Audio:
    """Audio under the seed's law: left channel as side chain, gain smoothed in dB, hard knee."""
    if settings.ratio <= 1:
        return audio
    gain = iem_gain(audio[0], sample_rate, settings)
    return np.asarray(np.multiply(audio, gain, out=audio if in_place else None))


def iem_gain(
    side_chain: Audio, sample_rate: int, settings: CompressionSettings, makeup_db: float = 0.0
) -> npt.NDArray[np.float32]:
    """Gain that the seed's law gives each sample, from one channel, (n_samples,)."""
    return np.asarray(
        _iem_gain(
            side_chain,
            settings.threshold_db,
            -1.0 if settings.ratio > _INFINITE_RATIO else 1 / max(settings.ratio, 1.0) - 1,
            1 - envelope_coefficient(settings.attack_ms, sample_rate),
            1 - envelope_coefficient(settings.release_ms, sample_rate),
            makeup_db,
        )
    )


def apply_compression(
    audio: Audio,
    sample_rate: int,
    choice: CompressionTarget | CompressionSettings,
    profile: Profile,
    in_place: bool = False,
) -> tuple[Audio, CompressionResult]:
    """Audio compressed as chosen: to a loudness range, or by settings given outright."""
    if isinstance(choice, CompressionTarget):
        return compress_to_range(audio, sample_rate, choice, profile, in_place)
    before = profile_range_lu(audio, sample_rate, profile)
    law = compress_iem if profile.name == "seed" else compress
    compressed = law(audio, sample_rate, choice, in_place)
    return compressed, CompressionResult(
        choice.threshold_db,
        choice.ratio,
        choice.attack_ms,
        choice.release_ms,
        lra_before_lu=before,
        lra_after_lu=profile_range_lu(compressed, sample_rate, profile),
        lra_target_lu=None,
        reached=True,
    )


def compress_to_range(
    audio: Audio,
    sample_rate: int,
    target: CompressionTarget,
    profile: Profile,
    in_place: bool = False,
) -> tuple[Audio, CompressionResult]:
    """Audio whose loudness range is at most the target's, by the gentlest permitted setting.

    Audio that is already within the target, or silent, comes back untouched (ratio 1). Where the
    strongest permitted setting does not suffice, the nearest is taken and ``reached`` is False.
    ``in_place`` allows to overwrite ``audio``.
    """
    if profile.name == "seed":
        return _stepwise(audio, sample_rate, target.lra_lu, profile, in_place)
    return _solved(audio, sample_rate, target.lra_lu, profile, in_place)


def profile_range_lu(audio: Audio, sample_rate: int, profile: Profile) -> float:
    """Loudness range in LU on the profile's meter."""
    meter = lra_100ms if profile.name == "seed" else loudness_range
    return meter(audio, sample_rate)


def _solved(
    audio: Audio, sample_rate: int, target_lu: float, profile: Profile, in_place: bool
) -> tuple[Audio, CompressionResult]:
    """Solve on the envelope histogram, meter the result; solve once more with the error found."""
    histogram = envelope_histogram(audio, sample_rate, profile.attack_ms, profile.release_ms)
    before = range_from_powers(histogram.block_powers())
    solution = (
        solve_range(histogram, target_lu) if before > target_lu + RANGE_TOLERANCE_LU else None
    )
    if solution is None:
        return audio, _untouched(before, target_lu, profile)
    settings = _settings(solution, profile)
    gain = linked_gain(audio, sample_rate, settings)
    after = _range_under(audio, gain, sample_rate)
    if abs(after - target_lu) > RANGE_TOLERANCE_LU and solution.reached:
        again = solve_range(histogram, target_lu - (after - solution.predicted_lra_lu))
        if again is not None:
            del gain  # before the next one: it is half as large as the song
            gain = linked_gain(audio, sample_rate, _settings(again, profile))
            after_again = _range_under(audio, gain, sample_rate)
            if _miss(after_again, target_lu) < _miss(after, target_lu):
                settings, after = _settings(again, profile), after_again
            else:
                gain = linked_gain(audio, sample_rate, settings)
    compressed = np.multiply(audio, gain, out=audio if in_place else None)
    return compressed, CompressionResult(
        settings.threshold_db,
        settings.ratio,
        settings.attack_ms,
        settings.release_ms,
        lra_before_lu=before,
        lra_after_lu=after,
        lra_target_lu=target_lu,
        reached=after <= target_lu + RANGE_TOLERANCE_LU,
    )


def _miss(lra_lu: float, target_lu: float) -> tuple[bool, float]:
    """Order of results: those that keep the target first, then by distance to it."""
    return (lra_lu > target_lu + RANGE_TOLERANCE_LU, abs(lra_lu - target_lu))


def _settings(solution: RangeSolution, profile: Profile) -> CompressionSettings:
    return CompressionSettings(
        solution.threshold_db, solution.ratio, profile.attack_ms, profile.release_ms
    )


def _range_under(audio: Audio, gain: npt.NDArray[np.float32], sample_rate: int) -> float:
    """Loudness range in LU of ``audio`` times ``gain``, piece by piece: nothing is kept."""
    meter = PowerMeter(sample_rate, audio.shape[1])
    for start in range(0, audio.shape[1], PIECE):
        piece = slice(start, start + PIECE)
        meter.add(audio[:, piece] * gain[piece])
    return range_from_powers(meter.block_powers())


def _stepwise(
    audio: Audio, sample_rate: int, target_lu: float, profile: Profile, in_place: bool
) -> tuple[Audio, CompressionResult]:
    """Repeat the seed's loop: 3 dB lower and 0.1 steeper until the range is within a tolerance."""
    peak = sample_peak(audio)
    before = lra_100ms(audio, sample_rate)
    if peak == 0 or not math.isfinite(peak):
        return audio, _untouched(before, target_lu, profile)
    normalising_db = -1 - 20 * math.log10(peak)
    normalising = np.float32(10 ** (normalising_db / 20))
    before = lra_100ms(audio, sample_rate, np.broadcast_to(normalising, audio.shape[1:]))
    if before < target_lu:
        return audio, _untouched(before, target_lu, profile)
    threshold_db, ratio, makeup_db, tolerance_lu = 0.0, 2.9, 0.0, 1.0
    while True:
        late = threshold_db < -30
        threshold_db -= 0.5 if late else 3.0
        ratio += 1.0 if late else 0.1
        makeup_db += 0.5
        tolerance_lu += 0.2 if before > 20 else 0.0
        settings = CompressionSettings(
            threshold_db, _plugin_ratio(ratio), profile.attack_ms, profile.release_ms
        )
        # a lower threshold and more make-up stand for the normalised vocal
        lowered = replace(settings, threshold_db=threshold_db - normalising_db)
        gain = iem_gain(audio[0], sample_rate, lowered, makeup_db + normalising_db)
        after = lra_100ms(audio, sample_rate, gain)
        reached = after - target_lu < tolerance_lu
        if reached or threshold_db < -35:
            break
        del gain  # before the next one: it is half as large as the song
    compressed = np.multiply(audio, gain, out=audio if in_place else None)
    return compressed, CompressionResult(
        settings.threshold_db,
        settings.ratio,
        settings.attack_ms,
        settings.release_ms,
        lra_before_lu=before,
        lra_after_lu=after,
        lra_target_lu=target_lu,
        reached=reached,
    )


def _plugin_ratio(ratio: float) -> float:
    """Ratio as the seed's plug-in takes it: steps of 0.2 from 1, halves up."""
    return round(1 + 0.2 * math.floor((ratio - 1) / 0.2 + 0.5 + 1e-9), 1)


def _untouched(lra_lu: float, target_lu: float, profile: Profile) -> CompressionResult:
    return CompressionResult(
        0.0, 1.0, profile.attack_ms, profile.release_ms, lra_lu, lra_lu, target_lu, True
    )


@njit(cache=True)
def _linked_gain(
    left: Audio, right: Audio, threshold: float, exponent: float, attack: float, release: float
) -> Audio:
    gains = np.empty(left.size, dtype=np.float32)
    envelope = 0.0
    for n in range(left.size):
        peak = max(abs(np.float64(left[n])), abs(np.float64(right[n])))
        k = attack if peak > envelope else release
        envelope = peak + k * (envelope - peak)
        if envelope < 1e-30:
            envelope = 0.0  # denormal numbers are slow
        gain = np.float32(1.0)
        if envelope > threshold:
            # float32 functions cost half, and the gain is float32
            over = np.log(np.float32(envelope / threshold))
            gain = np.exp(np.float32(exponent) * over)
        gains[n] = gain
    return gains


@njit(cache=True)
def _iem_gain(
    side_chain: Audio,
    threshold_db: float,
    slope: float,
    attack: float,
    release: float,
    makeup_db: float,
) -> Audio:
    gain = np.empty(side_chain.size, dtype=np.float32)
    threshold = 10 ** (threshold_db / 20)
    state = 0.0
    for n in range(side_chain.size):
        level = abs(np.float64(side_chain[n]))
        wanted = slope * 20 * math.log10(level / threshold) if level > threshold else 0.0
        state += (attack if wanted < state else release) * (wanted - state)
        gain[n] = 10 ** ((state + makeup_db) / 20)
    return gain
