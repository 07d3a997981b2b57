"""The gain laws of two compressors: a linked peak compressor, and Li's (2022) plug-in.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; levels in dBFS, times in ms. No look-ahead. A law
computes one gain for each sample, which is the same for all channels. Both laws have the static
curve :func:`mixing.effects.range_solver.curve_slope`, which the solver also uses.

Laws
----
``compress`` (``corrected``)
    A feed-forward peak compressor as in JUCE and pedalboard with two corrections: channels are
    linked (separate gains would shift the stereo image), and the time constants are true (JUCE's
    are shorter than stated by a factor of 2π). The envelope z follows a = max |channel|: z ← a + k
    (z − a) with k = exp(−1/(f_s t)), where t is the attack time if a > z and the release time
    otherwise. The gain is (z / threshold)^(1/ratio − 1) above the threshold, and 1 below it (hard
    knee).
``compress_iem`` (``li2022``)
    The law of the plug-in that Li (2022) used. The static curve is applied first, and only to the
    left channel. The gain *in dB* is smoothed after the static curve.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio
from mixing.compiled import compiled
from mixing.effects.range_solver import curve_slope, envelope_coefficient
from mixing.meters.k_weighting import PIECE
from mixing.parameters import CompressionSettings

_INFINITE_RATIO = 15.9  # Li's (2022) plug-in treats any ratio above this value as infinite


def compress(
    audio: Audio, sample_rate: int, settings: CompressionSettings, in_place: bool = False
) -> Audio:
    """Audio after the linked peak compressor; a ratio of 1 does not change the audio."""
    if settings.ratio <= 1:
        return audio
    gain = linked_gain(audio, sample_rate, settings)
    return np.asarray(np.multiply(audio, gain, out=audio if in_place else None))


def linked_gain(
    audio: Audio, sample_rate: int, settings: CompressionSettings
) -> npt.NDArray[np.float32]:
    """Gain of :func:`compress` for each sample, equal in all channels, shape (n_samples,)."""
    attack = envelope_coefficient(settings.attack_ms, sample_rate)
    release = envelope_coefficient(settings.release_ms, sample_rate)
    scale, exponent = 10 ** (-settings.threshold_db / 20), np.float32(curve_slope(settings.ratio))
    gain, envelope = np.empty(audio.shape[1], dtype=np.float32), 0.0
    for start in range(0, gain.size, PIECE):
        piece = gain[start : start + PIECE]
        left, right = audio[0, start : start + PIECE], audio[-1, start : start + PIECE]
        envelope = _envelope(left, right, scale, attack, release, envelope, piece)
        # numpy's float32 functions compute several samples in one instruction
        np.maximum(piece, np.float32(1), out=piece)
        np.log(piece, out=piece)
        np.multiply(piece, exponent, out=piece)
        np.exp(piece, out=piece)
    return gain


def compress_iem(
    audio: Audio, sample_rate: int, settings: CompressionSettings, in_place: bool = False
) -> Audio:
    """Audio compressed by Li's (2022) law: the left channel sets the gain, smoothed in dB."""
    if settings.ratio <= 1:
        return audio
    gain = iem_gain(audio[0], sample_rate, settings)
    return np.asarray(np.multiply(audio, gain, out=audio if in_place else None))


def iem_gain(
    side_chain: Audio, sample_rate: int, settings: CompressionSettings, makeup_db: float = 0.0
) -> npt.NDArray[np.float32]:
    """Gain by Li's (2022) law for each sample, computed from one channel, shape (n_samples,)."""
    ratio = math.inf if settings.ratio > _INFINITE_RATIO else max(settings.ratio, 1.0)
    return np.asarray(
        _iem_gain(
            side_chain,
            settings.threshold_db,
            curve_slope(ratio),
            1 - envelope_coefficient(settings.attack_ms, sample_rate),
            1 - envelope_coefficient(settings.release_ms, sample_rate),
            makeup_db,
        )
    )


@compiled("reordered")
def _envelope(
    left: Audio,
    right: Audio,
    scale: float,
    attack: float,
    release: float,
    envelope: float,
    scaled: Audio,
) -> float:
    """Write the envelope times ``scale`` into ``scaled``; return the envelope's last value.

    ``attack`` and ``release`` are one-pole coefficients. If the attack is shorter than the release,
    the envelope is always the larger of the results of the attack formula and of the release
    formula, otherwise the smaller one. The maximum or minimum is therefore enough, and is faster
    than choosing a formula by a comparison.
    """
    attack_first = attack <= release
    for n in range(left.size):
        # the addend keeps denormal numbers, which are slow, out of the envelope of silence
        peak = max(abs(np.float64(left[n])), abs(np.float64(right[n]))) + 1e-30
        rising = (1 - attack) * peak + attack * envelope
        falling = (1 - release) * peak + release * envelope
        envelope = max(rising, falling) if attack_first else min(rising, falling)
        scaled[n] = np.float32(scale * envelope)
    return envelope


@compiled()
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
