"""Objective measures of a mix, alone and in comparison with a reference mix of the same song.

The measures supplement the ratings of listeners; they never replace them. The measures do not show
the quality of a mix: a mix that differs from the reference can be just as good.

Conventions
-----------
Audio is float32 ``(2, n_samples)``. A difference is the value of the mix minus the value of the
reference. Silence has a loudness of −inf LUFS, a crest factor of 0, a centroid of 0, and no stereo
width.

Measures
--------
* loudness (LUFS), loudness range (LU): BS.1770 and EBU Tech 3342, :mod:`mixing.meters.loudness`;
* crest factor: ``20 log10(peak / RMS)``, of the louder channel; a sine has 3.01 dB;
* spectral centroid: mean over frames of ``Σ f |X(f)| / Σ |X(f)|``;
* stereo width: energy of left minus right over energy of left plus right; 0 for mono, 1 for
  unrelated channels;
* stereo imbalance: ``(R − L) / (R + L)`` of the energies; −1 all left, 1 all right;
* Bark distance: root mean square over 24 critical bands, of middle and side, of the difference in
  long-term level;
* audio-feature loss: the weighted squared differences of Diff-MST [1]_;
* multi-resolution STFT distance: spectral convergence plus log-magnitude difference [2]_. The STFT
  distance compares the mixes at each moment, so it only makes sense for two mixes of the same
  performance.

References
----------
.. [1] S. Vanka et al., "Diff-MST: Differentiable mixing style transfer", ISMIR 2024.
.. [2] C. Steinmetz, J. Reiss, "auraloss: audio-focused loss functions in PyTorch", 2020.
.. [3] E. Zwicker, "Subdivision of the audible frequency range into critical bands", 1961.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from mixing.audio import Audio, AudioError, as_stereo
from mixing.meters.loudness import block_powers, integrated_from_powers, range_from_powers

Array: TypeAlias = npt.NDArray[np.float64]

# Edges of the 24 critical bands in Hz [3].
BARK_EDGES_HZ = (
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150,
    3700, 4400, 5300, 6400, 7700, 9500, 12_000, 15_500,
)  # fmt: skip
BARK_FFT, BARK_HOP = 32_768, 8192  # Diff-MST's
CENTROID_FFT, CENTROID_HOP = 2048, 512
# frames more than 45 dB below the loudest frame are left out of the spectrum
QUIET_FRAME = 10 ** (-45 / 20)
RESOLUTIONS = (512, 2048, 8192)
SILENT_POWER = 1e-12  # lowest power: −120 dB, so that logarithms are finite
# Weights of the squared differences in Diff-MST.
AF_WEIGHTS = {"rms": 0.1, "crest": 0.001, "width": 1.0, "imbalance": 1.0, "bark": 0.1}
_FRAMES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class MixMeasures:
    """Measures of a mix, as described in the docstring of the module."""

    integrated_lufs: float
    lra_lu: float
    rms_db: float
    crest_db: float
    spectral_centroid_hz: float
    stereo_width: float
    stereo_imbalance: float


@dataclass(frozen=True, slots=True)
class MixComparison:
    """Comparison of a mix with a reference: differences (mix minus reference) and distances."""

    loudness_difference_lu: float
    lra_difference_lu: float
    crest_difference_db: float
    centroid_difference_octaves: float
    width_difference: float
    imbalance_difference: float
    bark_distance_db: float
    audio_feature_loss: float
    stft_distance: float


def measure_mix(mix: Audio, sample_rate: int) -> MixMeasures:
    """Measures of a mix; ``AudioError`` if the mix is shorter than 0.4 s or contains NaN."""
    stereo = as_stereo(mix)
    powers = block_powers(stereo, sample_rate)
    energy = np.square(stereo, dtype=np.float64).mean(axis=1)
    middle, side = _middle_and_side(stereo)
    middle_energy = float(np.square(middle, dtype=np.float64).sum())
    side_energy = float(np.square(side, dtype=np.float64).sum())
    total = float(energy.sum())
    return MixMeasures(
        integrated_lufs=integrated_from_powers(powers),
        lra_lu=range_from_powers(powers),
        rms_db=float(10 * np.log10(max(total / 2, SILENT_POWER))),
        crest_db=_crest_db(stereo),
        spectral_centroid_hz=_centroid_hz(middle, side, sample_rate),
        stereo_width=_ratio(side_energy, middle_energy),
        stereo_imbalance=float((energy[1] - energy[0]) / total) if total else 0.0,
    )


def compare_mixes(
    mix: Audio, reference: Audio, sample_rate: int, match_loudness: bool = True
) -> MixComparison:
    """Compare a mix with a reference mix of the same song.

    Parameters
    ----------
    mix, reference
        Two mixes, shape (n_channels, n_samples), of equal length.
    match_loudness
        Whether both mixes get the same integrated loudness (as in a listening test) before the
        three distances are computed. The loudness difference is always computed from the unchanged
        files.

    Raises
    ------
    AudioError
        The two mixes differ in length, last less than 0.4 s, or contain NaN.
    """
    if mix.shape[-1] != reference.shape[-1]:
        raise AudioError("A mix and its reference must be equally long.")
    first, second = as_stereo(mix), as_stereo(reference)
    a, b = measure_mix(first, sample_rate), measure_mix(second, sample_rate)
    if match_loudness and math.isfinite(a.integrated_lufs) and math.isfinite(b.integrated_lufs):
        gain_db = b.integrated_lufs - a.integrated_lufs
        first = first * np.float32(10 ** (gain_db / 20))
    bark = _bark_levels_db(first, sample_rate) - _bark_levels_db(second, sample_rate)
    rms_difference = _channel_rms(first) - _channel_rms(second)
    return MixComparison(
        loudness_difference_lu=_difference(a.integrated_lufs, b.integrated_lufs),
        lra_difference_lu=a.lra_lu - b.lra_lu,
        crest_difference_db=a.crest_db - b.crest_db,
        centroid_difference_octaves=_octaves(a.spectral_centroid_hz, b.spectral_centroid_hz),
        width_difference=_difference(a.stereo_width, b.stereo_width),
        imbalance_difference=a.stereo_imbalance - b.stereo_imbalance,
        bark_distance_db=float(np.sqrt(np.square(bark).mean())),
        audio_feature_loss=_audio_feature_loss(a, b, rms_difference, bark),
        stft_distance=_stft_distance(first, second),
    )


def _audio_feature_loss(
    a: MixMeasures, b: MixMeasures, rms_difference: Array, bark_db: Array
) -> float:
    """Weighted sum of the mean squared differences of five features [1]_."""
    terms = {
        "rms": float(np.square(rms_difference).mean()),
        "crest": (a.crest_db - b.crest_db) ** 2,
        "width": _difference(a.stereo_width, b.stereo_width) ** 2,
        "imbalance": (a.stereo_imbalance - b.stereo_imbalance) ** 2,
        # dB are converted to the natural logarithm of the magnitude, as in the Diff-MST loss
        "bark": float(np.square(bark_db * math.log(10) / 20).mean()),
    }
    return sum(AF_WEIGHTS[name] * value for name, value in terms.items())


def _bark_levels_db(stereo: Audio, sample_rate: int) -> Array:
    """Long-term level of each critical band in dB, for the middle and side signals, (2, 24)."""
    frequency = np.arange(BARK_FFT // 2 + 1) * sample_rate / BARK_FFT
    edges = np.searchsorted(frequency, BARK_EDGES_HZ)
    levels = np.empty((2, len(BARK_EDGES_HZ) - 1))
    for row, signal in enumerate(_middle_and_side(stereo)):
        power, n_frames = np.zeros(frequency.size), 0
        for spectra in _spectra(signal, BARK_FFT, BARK_HOP):
            power += (np.abs(spectra) ** 2).sum(axis=0)
            n_frames += len(spectra)
        # dividing by the length and by the window's energy (3/8 of the length) gives the mean
        # square of each band
        bands = np.add.reduceat(power, edges[:-1]) if n_frames else np.zeros(len(edges) - 1)
        bands[-1] = power[edges[-2] : edges[-1]].sum()
        bands *= 2 / (BARK_FFT**2 * 3 / 8) / max(n_frames, 1)
        levels[row] = 10 * np.log10(np.maximum(bands, SILENT_POWER))
    return levels


def _stft_distance(mix: Audio, reference: Audio) -> float:
    """Spectral convergence plus log difference, averaged over resolutions, middle and side."""
    distances = []
    for signal, target in zip(_middle_and_side(mix), _middle_and_side(reference), strict=True):
        if not target.any():
            continue  # a mono reference has no side signal to compare with
        for length in RESOLUTIONS:
            missed = wanted = logarithm = 0.0
            count = 0
            pairs = zip(
                _spectra(signal, length, length // 4),
                _spectra(target, length, length // 4),
                strict=True,
            )
            for spectra, target_spectra in pairs:
                x, y = (
                    np.sqrt(np.maximum(np.abs(s) ** 2, 1e-8)) for s in (spectra, target_spectra)
                )
                missed += float(np.square(x - y, dtype=np.float64).sum())
                wanted += float(np.square(y, dtype=np.float64).sum())
                logarithm += float(np.abs(np.log(x / y)).sum(dtype=np.float64))
                count += x.size
            distances.append(math.sqrt(missed / wanted) + logarithm / count)
    return float(np.mean(distances)) if distances else 0.0


def _centroid_hz(middle: Audio, side: Audio, sample_rate: int) -> float:
    """Mean centroid of the frames within 45 dB of the loudest frame, for middle plus side."""
    frequency = np.arange(CENTROID_FFT // 2 + 1) * sample_rate / CENTROID_FFT
    centroids, loudness = [], []
    for pair in zip(
        _spectra(middle, CENTROID_FFT, CENTROID_HOP),
        _spectra(side, CENTROID_FFT, CENTROID_HOP),
        strict=True,
    ):
        magnitude = np.sqrt(sum(np.abs(spectra) ** 2 for spectra in pair))
        total = magnitude.sum(axis=1)
        centroids.append(magnitude @ frequency / np.maximum(total, 1e-12))
        loudness.append(np.sqrt(np.square(magnitude).sum(axis=1)))
    level = np.concatenate(loudness)
    heard = (level > QUIET_FRAME * level.max()) & (level > 0)
    return float(np.concatenate(centroids)[heard].mean()) if heard.any() else 0.0


def _spectra(signal: Audio, length: int, hop: int) -> Iterator[npt.NDArray[Any]]:
    """Hann-windowed spectra, some hundred frames at a time; short audio is padded."""
    padded = np.pad(signal, (0, max(0, length - signal.size)))
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]
    at_once = max(1, _FRAMES_AT_ONCE * 2048 // length)
    for first in range(0, len(frames), at_once):
        yield np.asarray(fft.rfft(frames[first : first + at_once] * window, axis=1))


def _middle_and_side(stereo: Audio) -> tuple[Audio, Audio]:
    return (stereo[0] + stereo[1]) / np.float32(2), (stereo[0] - stereo[1]) / np.float32(2)


def _channel_rms(stereo: Audio) -> Array:
    return np.asarray(np.sqrt(np.square(stereo, dtype=np.float64).mean(axis=1)))


def _crest_db(stereo: Audio) -> float:
    rms = _channel_rms(stereo)
    louder = int(np.argmax(rms))
    if rms[louder] == 0:
        return 0.0
    return float(20 * np.log10(np.abs(stereo[louder]).max() / rms[louder]))


def _ratio(numerator: float, denominator: float) -> float:
    if denominator == 0:
        return 0.0 if numerator == 0 else math.inf
    return numerator / denominator


def _difference(a: float, b: float) -> float:
    """``a − b``; 0 if both are the same infinite value."""
    return 0.0 if a == b else a - b


def _octaves(a: float, b: float) -> float:
    return math.log2(a / b) if a > 0 and b > 0 else 0.0
