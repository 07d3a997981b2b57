"""Compression of the vocal to a target loudness range and crest factor.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; levels in dBFS, times in ms, ranges in LU on the
profile's own meter (``corrected``: :func:`mixing.meters.loudness.loudness_range`; ``li2022``:
:func:`mixing.meters.loudness.lra_100ms`). If a target has a crest factor
(:mod:`mixing.meters.dynamics`), a fast compressor is used. A slow compressor would not reduce the
first 30 ms of each syllable, and would therefore raise the crest factor. The ``li2022`` profile
ignores the crest factor. The compressor has no look-ahead and no make-up gain. The level balance
after the compressor sets the vocal's loudness.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, sample_peak
from mixing.effects.compressor_laws import compress, compress_iem, iem_gain, linked_gain
from mixing.effects.range_solver import (
    RangeSolution,
    envelope_histogram,
    solve_range,
)
from mixing.meters.dynamics import CrestMeter, Mask, crest_db, sounding_blocks
from mixing.meters.k_weighting import PIECE, PowerMeter, Powers
from mixing.meters.loudness import (
    block_powers,
    loudness_range,
    lra_100ms,
    range_from_powers,
)
from mixing.parameters import CompressionResult, CompressionSettings, CompressionTarget
from mixing.profiles import Profile

RANGE_TOLERANCE_LU = 0.05  # a loudness range at most this many LU above its target is close enough
CREST_TOLERANCE_DB = 0.1  # a crest factor at most this many dB above its target is close enough
# Attack and release times of a compressor that lowers the crest factor. Release times from 60 to
# 150 ms were compared at the same reduction of the crest factor. With a release time of 100 ms, a
# vocal pumps hardly more than at the best release time. A release time of 100 ms is also longer
# than the pitch periods of a low voice.
CREST_ATTACK_MS, CREST_RELEASE_MS = 0.3, 100.0


class Compressed(NamedTuple):
    """Compressed audio, with the compressor's settings and, if known, the audio's block powers."""

    audio: Audio
    result: CompressionResult
    block_powers: Powers | None = None


def apply_compression(
    audio: Audio,
    sample_rate: int,
    choice: CompressionTarget | CompressionSettings,
    profile: Profile,
    in_place: bool = False,
) -> Compressed:
    """Audio compressed to a loudness range or with fixed settings, as the system decided."""
    if isinstance(choice, CompressionTarget):
        if profile.name == "corrected":
            return _solved(audio, sample_rate, choice, profile, in_place)
        return Compressed(*_stepwise(audio, sample_rate, choice.lra_lu, profile, in_place))
    before = profile_range_lu(audio, sample_rate, profile)
    law = compress_iem if profile.name == "li2022" else compress
    sounding = crest_before = None
    if profile.name == "corrected":
        sounding = sounding_blocks(block_powers(audio, sample_rate))
        crest_before = crest_db(audio, sample_rate, sounding)
    compressed = law(audio, sample_rate, choice, in_place)
    result = CompressionResult(
        choice.threshold_db,
        choice.ratio,
        choice.attack_ms,
        choice.release_ms,
        lra_before_lu=before,
        lra_after_lu=profile_range_lu(compressed, sample_rate, profile),
        lra_target_lu=None,
        reached=True,
        crest_before_db=crest_before,
        crest_after_db=None if sounding is None else crest_db(compressed, sample_rate, sounding),
    )
    return Compressed(compressed, result)


def compress_to_range(
    audio: Audio,
    sample_rate: int,
    target: CompressionTarget,
    profile: Profile,
    in_place: bool = False,
) -> tuple[Audio, CompressionResult]:
    """Audio compressed to a loudness range of at most the target, by the gentlest allowed setting.

    Audio that is silent or already within the target is returned unchanged (ratio 1). If no allowed
    setting reaches the target, the setting closest to the target is used, and ``reached`` is False.
    ``in_place`` allows ``audio`` to be overwritten.
    """
    compressed = apply_compression(audio, sample_rate, target, profile, in_place)
    return compressed.audio, compressed.result


def profile_range_lu(audio: Audio, sample_rate: int, profile: Profile) -> float:
    """Loudness range in LU, measured with the meter of the profile."""
    meter = lra_100ms if profile.name == "li2022" else loudness_range
    return meter(audio, sample_rate)


class _Rendered(NamedTuple):
    """A setting with its gain per sample, and the resulting powers, range and crest factor."""

    settings: CompressionSettings
    gain: npt.NDArray[np.float32]
    powers: Powers
    lra_lu: float
    crest_db: float


def _solved(
    audio: Audio, sample_rate: int, target: CompressionTarget, profile: Profile, in_place: bool
) -> Compressed:
    """Find a setting from the histogram, measure its result, and search again to correct it."""
    attack_ms, release_ms = _times(target, profile)
    histogram = envelope_histogram(audio, sample_rate, attack_ms, release_ms)
    powers = histogram.block_powers()
    before = range_from_powers(powers), histogram.crest_db(0.0, 1.0)
    within = _excess(target, *before) <= RANGE_TOLERANCE_LU
    solution = None if within else solve_range(histogram, target.lra_lu, target.crest_db)
    if solution is None:
        result = _untouched(before[0], target.lra_lu, profile)
        return Compressed(
            audio,
            replace(
                result,
                attack_ms=attack_ms,
                release_ms=release_ms,
                crest_before_db=before[1],
                crest_after_db=before[1],
                crest_target_db=target.crest_db,
            ),
            powers,
        )

    def rendered(found: RangeSolution) -> _Rendered:
        settings = CompressionSettings(found.threshold_db, found.ratio, attack_ms, release_ms)
        return _rendered(audio, sample_rate, settings, histogram.sounding)

    best = rendered(solution)
    missed_lu = best.lra_lu - target.lra_lu
    if target.crest_db is None and abs(missed_lu) > RANGE_TOLERANCE_LU and solution.reached:
        again = solve_range(histogram, target.lra_lu - (best.lra_lu - solution.predicted_lra_lu))
        if again is not None:
            first = best._replace(gain=np.empty(0, np.float32))
            # frees memory before the next rendering: a gain array is half as large as the song
            del best
            best = rendered(again)
            if _miss(best.lra_lu, target.lra_lu) >= _miss(first.lra_lu, target.lra_lu):
                best = first._replace(gain=linked_gain(audio, sample_rate, first.settings))
    compressed = np.multiply(audio, best.gain, out=audio if in_place else None)
    result = CompressionResult(
        best.settings.threshold_db,
        best.settings.ratio,
        attack_ms,
        release_ms,
        lra_before_lu=before[0],
        lra_after_lu=best.lra_lu,
        lra_target_lu=target.lra_lu,
        reached=best.lra_lu <= target.lra_lu + RANGE_TOLERANCE_LU,
        crest_before_db=before[1],
        crest_after_db=best.crest_db,
        crest_target_db=target.crest_db,
    )
    return Compressed(compressed, result, best.powers)


def _times(target: CompressionTarget, profile: Profile) -> tuple[float, float]:
    """Attack and release times in ms, which are short if the target has a crest factor."""
    if target.crest_db is None:
        return profile.attack_ms, profile.release_ms
    return CREST_ATTACK_MS, CREST_RELEASE_MS


def _excess(target: CompressionTarget, lra_lu: float, crest: float) -> float:
    """The larger excess over the target: of range, or of crest factor minus a tolerance."""
    if target.crest_db is None:
        return lra_lu - target.lra_lu
    slack_db = CREST_TOLERANCE_DB - RANGE_TOLERANCE_LU
    return max(lra_lu - target.lra_lu, crest - target.crest_db - slack_db)


def _miss(lra_lu: float, target_lu: float) -> tuple[bool, float]:
    """Sort key: results within the target come first, then the results closest to the target."""
    return (lra_lu > target_lu + RANGE_TOLERANCE_LU, abs(lra_lu - target_lu))


def _rendered(
    audio: Audio, sample_rate: int, settings: CompressionSettings, sounding: Mask
) -> _Rendered:
    """Gain of a setting, and measures of ``audio`` with this gain, computed piece by piece."""
    gain = linked_gain(audio, sample_rate, settings)
    meter = PowerMeter(sample_rate, audio.shape[1])
    crest = CrestMeter(sample_rate, audio.shape[1])
    for start in range(0, audio.shape[1], PIECE):
        piece = slice(start, start + PIECE)
        compressed = audio[:, piece] * gain[piece]
        meter.add(compressed)
        crest.add(compressed)
    powers = meter.block_powers()
    return _Rendered(settings, gain, powers, range_from_powers(powers), crest.crest_db(sounding))


def _stepwise(
    audio: Audio, sample_rate: int, target_lu: float, profile: Profile, in_place: bool
) -> tuple[Audio, CompressionResult]:
    """Repeat Li's (2022) loop: lower the threshold and raise the ratio in fixed steps."""
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
        # instead of normalising the vocal, the threshold is lowered and the make-up gain is raised
        lowered = replace(settings, threshold_db=threshold_db - normalising_db)
        gain = iem_gain(audio[0], sample_rate, lowered, makeup_db + normalising_db)
        after = lra_100ms(audio, sample_rate, gain)
        reached = after - target_lu < tolerance_lu
        if reached or threshold_db < -35:
            break
        del gain  # frees memory before the next gain: a gain array is half as large as the song
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
    """Ratio rounded as in Li's (2022) plug-in: to 1, 1.2, 1.4, …; a value halfway is rounded up."""
    return round(1 + 0.2 * math.floor((ratio - 1) / 0.2 + 0.5 + 1e-9), 1)


def _untouched(lra_lu: float, target_lu: float, profile: Profile) -> CompressionResult:
    return CompressionResult(
        0.0, 1.0, profile.attack_ms, profile.release_ms, lra_lu, lra_lu, target_lu, True
    )
