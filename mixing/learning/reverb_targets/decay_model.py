"""Decay of the delay network, computed from a formula and not from an impulse response.

Conventions
-----------
A *relief* is the tail's energy in dB over the direct sound's, in octave bands (``BANDS_HZ``) and
frames that widen with time (``EDGES_S``): shape (n_bands, n_frames).

Model
-----
A centred impulse puts the energy 2 into the network. The mixing matrix of the network spreads the
energy evenly over the ΣD samples of all delay lines. The energy of each sample in a delay line is
``2 / ΣD`` at the start, and decays. Let ``w`` be the dry/wet ratio, ``T(f)`` the decay time of the
network, and ``F(f)`` the decay time of the fade-in network. The energy per second at an output,
relative to the direct sound's energy (gain ``g``), is::

    (w / g)² · fs · 2 / ΣD · (10^(−3t/T) − 10^(−3t/F))²

The integral of the energy over a frame has three exponential terms. The model leaves out the first
tens of milliseconds. During this time, the energy is not yet spread evenly, and only a few delay
lines have an output.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from mixing.audio import Audio
from mixing.effects.delay_network import delay_lengths, shelf_gain_db_per_s
from mixing.effects.reverb import MAX_DECAY_S, SHORTEST_FADE_IN_S
from mixing.parameters import ReverbParameters

Float64: TypeAlias = npt.NDArray[np.float64]

BANDS_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0)
EDGES_S: Float64 = np.geomspace(0.05, 3.0, 17)
FLOOR_DB = -120.0


def modelled_relief_db(parameters: ReverbParameters, sample_rate: int) -> Float64:
    """Energy decay relief (n_bands, n_frames) of the delay network with the given parameters.

    The parameters of the network must be within their ranges. If a band would decay for more than
    12 s, the model uses a decay time of 12 s for this band. The rendered network, however, would
    shorten the decay of all bands.
    """
    gain = shelf_gain_db_per_s(parameters, sample_rate, np.array(BANDS_HZ))
    rate = _decay_rate(parameters.reverb_time_s, gain)
    energy = _integrals(2 * rate)
    direct_gain = 1.0
    if parameters.fade_in_s >= SHORTEST_FADE_IN_S:
        fade_rate = _decay_rate(parameters.fade_in_s, gain)
        energy = energy + _integrals(2 * fade_rate) - 2 * _integrals(rate + fade_rate)
        direct_gain = 1 - parameters.dry_wet
    held = int(delay_lengths(parameters.room_size, sample_rate).sum())
    scale = sample_rate * 2 / held * (parameters.dry_wet / max(direct_gain, 1e-6)) ** 2
    return _decibels(scale * energy)


def measured_relief_db(tail: Audio, sample_rate: int, direct_energy: float = 1.0) -> Float64:
    """Energy decay relief of a response (n_channels, n_samples) without its direct sound.

    Parameters
    ----------
    direct_energy
        Energy of the direct sound in one channel. The energy of the direct sound is assumed to be
        spread evenly over frequency.

    Notes
    -----
    Butterworth octave bands; each band's energy is divided by the energy that an impulse leaves in
    it.
    """
    edges = np.minimum(np.rint(EDGES_S * sample_rate).astype(int), tail.shape[1])
    impulse = np.zeros(sample_rate)
    impulse[0] = 1
    relief = np.empty((len(BANDS_HZ), EDGES_S.size - 1))
    for band, centre_hz in enumerate(BANDS_HZ):
        corners = [centre_hz / math.sqrt(2), centre_hz * math.sqrt(2)]
        sos = butter(3, corners, "bandpass", fs=sample_rate, output="sos")
        energy = np.square(sosfilt(sos, tail.astype(np.float64), axis=1)).mean(axis=0)
        total = np.concatenate([[0.0], np.cumsum(energy)])
        share = float(np.square(sosfilt(sos, impulse)).sum())
        relief[band] = np.diff(total[edges]) / (share * direct_energy)
    return _decibels(relief)


def exponential_relief_db(decay_s: npt.ArrayLike, level_db: float) -> Float64:
    """Energy decay relief of a tail that decays from its start with T60 ``decay_s`` in each band.

    ``level_db`` is the energy of the whole tail relative to the direct sound; it is equal in all
    bands.
    """
    rate = 6 * math.log(10) / np.asarray(decay_s, dtype=np.float64)
    return _decibels(10 ** (level_db / 10) * rate[:, None] * _integrals(rate))


def _decay_rate(decay_s: float, gain_db_per_s: Float64) -> Float64:
    """Decay rate of the amplitude in nepers per second, from decay time and shelf gain."""
    return np.maximum(60 / decay_s - gain_db_per_s, 60 / MAX_DECAY_S) * math.log(10) / 20


def _integrals(rate: Float64) -> Float64:
    """Integral of ``exp(−rate · t)`` over each frame, (n_bands, n_frames)."""
    return -np.diff(np.exp(-rate[:, None] * EDGES_S), axis=1) / rate[:, None]


def _decibels(energy: Float64) -> Float64:
    return np.asarray(np.maximum(10 * np.log10(np.maximum(energy, 1e-30)), FLOOR_DB))
