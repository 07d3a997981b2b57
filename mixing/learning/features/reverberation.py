"""Reverb that is added to a clip's powers, not to its audio; it decays as in the delay network.

The decay model (:mod:`mixing.learning.reverb_targets.decay_model`) is a formula for the energy over
time in five octave bands. The reverb of earlier frames is added to later frames as power. Adding
powers is exact for noise, and right on average for other sounds.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache

import numpy as np

from mixing.learning.features.features import FRAMES_AVERAGED, Float32, Float64, mel_centres_hz
from mixing.learning.reverb_targets.decay_model import BANDS_HZ, EDGES_S, modelled_relief_db
from mixing.parameters import ReverbParameters

RATE = 44_100
FRAME_S = FRAMES_AVERAGED * 1024 / RATE
N_FRAMES = 17  # 3.2 s
DRAWN = {
    "dry_wet": (0.2, 0.75),
    "reverb_time_s": (0.4, 4.0),
    "fade_in_s": (0.0, 0.3),
    "room_size": (6.0, 20.0),
    "low_shelf_frequency_hz": (80.0, 400.0),
    "low_shelf_gain_db_per_s": (-20.0, 0.0),
    "low_shelf_q": (0.4, 0.9),
    "high_shelf_frequency_hz": (3000.0, 12_000.0),
    "high_shelf_gain_db_per_s": (-40.0, 0.0),
    "high_shelf_q": (0.4, 0.9),
}
"""Ranges of the random parameters. Engineers use these ranges, and the plug-in allows more."""
_LOGARITHMIC = {"reverb_time_s", "low_shelf_frequency_hz", "high_shelf_frequency_hz"}


def draw_reverb(rng: np.random.Generator) -> Float64:
    """Ten random reverb parameters, in the order of :class:`ReverbParameters`."""
    values = []
    for field in fields(ReverbParameters):
        low, high = DRAWN[field.name]
        if field.name in _LOGARITHMIC:
            values.append(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
        else:
            values.append(float(rng.uniform(low, high)))
    return np.array(values)


def reverberant(log_mel_db: Float32, parameters: Float64) -> Float32:
    """Log-mel spectra (2, n_frames, 64) with the reverb of ``parameters`` added to the vocal.

    The reverberation of sound that comes before the clip is missing.
    """
    kernel = _mel_kernel(tuple(parameters.tolist()))  # (64, N_FRAMES)
    dry = 10 ** (log_mel_db[1].astype(np.float64) / 10)
    wet = dry.copy()
    for delay in range(min(N_FRAMES, len(dry))):
        wet[delay:] += kernel[:, delay] * dry[: len(dry) - delay]
    return np.stack([log_mel_db[0], (10 * np.log10(wet)).astype(np.float32)])


@lru_cache(maxsize=256)
def _mel_kernel(parameters: tuple[float, ...]) -> Float64:
    """Energy in each later frame, relative to the direct sound, for each mel triangle."""
    relief = modelled_relief_db(ReverbParameters(*parameters), RATE)
    density = 10 ** (relief / 10) / np.diff(EDGES_S)  # per second, (5, 16)
    time, weights = _grid()
    place = np.clip(np.searchsorted(EDGES_S, time, side="right") - 1, 0, density.shape[1] - 1)
    by_band = 10 * np.log10(density[:, place] @ weights.T + 1e-30)  # (5, N_FRAMES)
    centres = np.log(np.clip(mel_centres_hz(RATE), BANDS_HZ[0], BANDS_HZ[-1]))
    by_mel = [np.interp(centres, np.log(BANDS_HZ), by_band[:, i]) for i in range(N_FRAMES)]
    return np.asarray(10 ** (np.stack(by_mel, axis=1) / 10))


@lru_cache(maxsize=1)
def _grid() -> tuple[Float64, Float64]:
    """Times in s, and each time's weight in each frame: its share in the frame times the step."""
    step = FRAME_S / 16
    time = (np.arange(16 * N_FRAMES) + 0.5) * step
    frames = np.arange(N_FRAMES)[:, None]
    weights = np.maximum(0, 1 - np.abs(time / FRAME_S - frames)) * step
    return np.asarray(time, dtype=np.float64), np.asarray(weights, dtype=np.float64)
