"""The random system, a low anchor: all parameters are random values from Li's (2022) ranges.

All values in a range are equally probable. The same random seed gives the same mix. The ranges of
the parameters are from Li (2022). Four of nine peak filters have random gains within ±15 dB. The
compressor has a threshold of −50 to 10 dB and a ratio of 1 to 20. Each reverb parameter is chosen
at random from its whole range. The loudness of the vocal is from 8 LU below to 8 LU above the
loudness of the backing. If a reverb would ring for ever,
:func:`mixing.effects.reverb.usable_parameters` shortens its decay. A reverb can ring for ever if
its reverb time is long and both shelf filters boost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mixing.audio import Song
from mixing.chain import render
from mixing.decisions import WHOLE, Amounts
from mixing.effects.eq import BAND_FREQUENCIES_HZ, MAX_GAIN_DB
from mixing.effects.reverb import REVERB_RANGES
from mixing.parameters import CompressionSettings, EqBand, Mix, MixParameters, ReverbParameters
from mixing.profiles import Profile
from mixing.systems.base import SystemSettings

NAME = "random"

N_BANDS = 4
THRESHOLD_RANGE_DB = (-50.0, 10.0)
RATIO_RANGE = (1.0, 20.0)
RELATIVE_LOUDNESS_RANGE_LU = (-8.0, 8.0)
ATTACK_MS, RELEASE_MS = 30.0, 150.0


@dataclass(frozen=True, slots=True)
class RandomSystem:
    """A system with random parameters from ``seed``; each song of a study needs its own seed."""

    profile: Profile
    seed: int
    amounts: Amounts = WHOLE

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``. Raise ``AudioError`` if the song cannot be mixed."""
        return render(song, draw_parameters(self.seed), NAME, self.profile, self.amounts)


def create(settings: SystemSettings) -> RandomSystem:
    """Random system with the seed and the profile of ``settings``."""
    return RandomSystem(settings.profile, settings.seed, settings.amounts)


def draw_parameters(seed: int) -> MixParameters:
    """Random parameters within Li's (2022) ranges; the same ``seed`` gives the same parameters."""
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(BAND_FREQUENCIES_HZ), size=N_BANDS, replace=False))
    eq = tuple(
        EqBand(BAND_FREQUENCIES_HZ[index], float(rng.uniform(-MAX_GAIN_DB, MAX_GAIN_DB)))
        for index in chosen
    )
    compression = CompressionSettings(
        float(rng.uniform(*THRESHOLD_RANGE_DB)),
        float(rng.uniform(*RATIO_RANGE)),
        ATTACK_MS,
        RELEASE_MS,
    )
    drawn = {name: float(rng.uniform(*bounds)) for name, bounds in REVERB_RANGES.items()}
    drawn["room_size"] = float(round(drawn["room_size"]))  # the plug-in has only integer room sizes
    relative_lu = float(rng.uniform(*RELATIVE_LOUDNESS_RANGE_LU))
    return MixParameters(eq, compression, ReverbParameters(**drawn), relative_lu)
