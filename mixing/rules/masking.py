"""Equalisation of the vocal at frequencies where the backing masks the vocal.

Two rules. ``li2022`` is the rule of Li (2022), which follows Hafezi and Reiss [1]_. The rule of Li
(2022) boosts bands that are essential to the vocal and masked by the backing, and cuts bands that
are essential only to the backing. In mixtrial, Li's (2022) rule uses a correct octave filter bank.
In Li's (2022) filter bank, the band edges were divided twice, so the filters measured energy below
1 Hz. The rule ``corrected`` takes into account that the level balance after the equaliser undoes a
general boost. ``corrected`` therefore searches for the gains that reduce masking *at equal loudness
of the vocal*.

Masking at a moment is ``sum over essential bands of clip(backing − vocal, 0, 20)`` in dB. The
essential bands are the four strongest bands of the vocal. The masking of a song is the mean over
the moments at which the vocal is active. The active moments and the essential bands are determined
before the equalisation, and are then fixed ("frozen"). If moments and bands were determined again
after a boost of weak bands, the masking would seem to be larger.

The search minimises the masking of a song. Only listeners can say whether less masking by this
measure means clearer vocals.

References
----------
.. [1] S. Hafezi, J. Reiss, "Autonomous multitrack equalization based on masking reduction",
   J. Audio Eng. Soc. 63 (5), 2015.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.signal import sosfreqz

from mixing.audio import Audio
from mixing.effects.eq import BAND_FREQUENCIES_HZ, response_db
from mixing.meters.k_weighting import k_filter
from mixing.parameters import EqBand
from mixing.profiles import Profile
from mixing.rules.bands import Array, BandLevels, band_edges_hz, band_levels

N_CHANGED_BANDS = 4  # Li (2022) applies only the four largest gains
BAND_Q = 1.0  # Li (2022)
LI2022_LIMIT_DB = 8.0
# Li (2022) uses only moments in which the vocal is above this level
LI2022_ACTIVE_DBFS = -30.0
# Li (2022) uses these numbers of strongest bands, for the backing and for the vocal
ESSENTIAL_BACKING, ESSENTIAL_VOCAL = 2, 6

# largest gain of the search, smaller than Li's (2022) limit, because the search uses its whole
# range
SEARCH_LIMIT_DB = 6.0
# moments more than this many dB below the vocal's loudest moment are not used
ACTIVE_RANGE_DB = 30.0
ESSENTIAL_BANDS = 4
# masking above this value is reduced to this value, because the band is inaudible anyway
MASKING_CAP_DB = 20.0
GAIN_COST = 0.1  # each dB of gain must reduce the masking by at least this many dB
# The bands at 63 and 125 Hz are never boosted, because a boost would make the vocal boomy but
# hardly raise its loudness.
NEVER_BOOSTED = 2
NEGLIGIBLE_DB = 0.5


@dataclass(frozen=True, slots=True)
class MaskingDecision:
    """Peak filters for the vocal, and the masking in dB without and with these filters."""

    bands: tuple[EqBand, ...]
    masking_before_db: float
    masking_after_db: float


@dataclass(frozen=True, slots=True)
class _Frozen:
    """Active moments and essential bands; the backing has the level after the level balance.

    All arrays have the shape (n_active, 9), for the active moments and the nine octaves.
    ``distance_db`` is the level of the backing minus the level of the vocal, and ``essential`` is 0
    or 1. ``loudness_share`` is each octave's share of the vocal's loudness.
    """

    distance_db: Array
    essential: Array
    loudness_share: Array

    def masking_db(self, gains_db: Array) -> float:
        """Mean masking after octave gains of ``gains_db``, at equal loudness of the vocal."""
        louder_db = 10 * np.log10(float(self.loudness_share @ 10 ** (gains_db / 10)))
        hidden = np.clip(self.distance_db - (gains_db - louder_db), 0, MASKING_CAP_DB)
        return float((hidden * self.essential).sum() / len(hidden))


def masking_decision(
    vocal: Audio, backing: Audio, sample_rate: int, profile: Profile
) -> MaskingDecision:
    """Peak filters for the vocal, and the masking without and with these filters.

    Parameters
    ----------
    vocal, backing
        Vocal and backing, shape (n_channels, n_samples), of equal length. The masking is computed
        for the relative loudness of the profile, so the levels of the files have no effect. Only
        Li's (2022) rule depends on the absolute level of the vocal: it skips moments below −30
        dBFS.
    """
    levels = band_levels(vocal, backing, sample_rate)
    frozen = _freeze(levels, profile.relative_loudness_lu)
    if frozen is None:
        return MaskingDecision((), 0.0, 0.0)
    if profile.name == "li2022":
        gains = _ruled_gains(levels, sample_rate)
    else:
        gains = _searched_gains(frozen, sample_rate)
    effect = octave_effect_db(gains, sample_rate)
    bands = tuple(
        EqBand(frequency, round(float(gain), 2), BAND_Q)
        for frequency, gain in zip(BAND_FREQUENCIES_HZ, gains, strict=True)
        if gain != 0
    )
    zero = np.zeros_like(gains)
    return MaskingDecision(bands, frozen.masking_db(zero), frozen.masking_db(effect))


def li2022_gains_db(vocal_db: Array, backing_db: Array, sample_rate: int) -> Array:
    """Nine gains in dB by the rule of Li (2022), from the octave levels of vocal and backing.

    Notes
    -----
    ``difference = backing − vocal``, minus its mean over the bands. A band that is essential only
    to the vocal is boosted if ``difference`` is positive. A band that is essential only to the
    backing is cut if ``difference`` is negative. The four largest gains are kept and limited to ±8
    dB. A band is essential if its level divided by √bandwidth is among the highest. Without
    dividing by √bandwidth, the highest octaves would always be essential, because they are the
    widest.
    """
    difference = backing_db - vocal_db
    difference = difference - difference.mean()
    width_db = 5 * np.log10(np.maximum(np.diff(band_edges_hz(sample_rate))[:, 0], 1.0))
    vocal_essential = _strongest(vocal_db - width_db, ESSENTIAL_VOCAL)
    backing_essential = _strongest(backing_db - width_db, ESSENTIAL_BACKING)
    boosted = vocal_essential & ~backing_essential & (difference > 0)
    cut = backing_essential & ~vocal_essential & (difference < 0)
    gains = np.where(boosted | cut, np.clip(difference, -LI2022_LIMIT_DB, LI2022_LIMIT_DB), 0.0)
    return _largest(gains, N_CHANGED_BANDS)


def _ruled_gains(levels: BandLevels, sample_rate: int) -> Array:
    """Li's (2022) rule, applied to loud moments only; no gains if the vocal is too quiet."""
    active = levels.vocal_rms_db > LI2022_ACTIVE_DBFS
    if not active.any():
        return np.zeros(len(BAND_FREQUENCIES_HZ))
    vocal_db = _mean_level_db(levels.vocal_db[active])
    return li2022_gains_db(vocal_db, _mean_level_db(levels.backing_db[active]), sample_rate)


def _freeze(levels: BandLevels, relative_loudness_lu: float) -> _Frozen | None:
    """Determine active moments and essential bands; None if the vocal or the backing is silent."""
    if not (levels.vocal_power.any() and levels.backing_power.any()):
        return None
    active = levels.vocal_rms_db > levels.vocal_rms_db.max() - ACTIVE_RANGE_DB
    now_lu = 10 * np.log10(_gated_mean(levels.vocal_power) / _gated_mean(levels.backing_power))
    vocal_db = levels.vocal_db[active] + relative_loudness_lu - now_lu
    order = np.argsort(-vocal_db, axis=1, kind="stable")
    essential = np.zeros(vocal_db.shape)
    np.put_along_axis(essential, order[:, :ESSENTIAL_BANDS], 1.0, axis=1)
    power = (10 ** (vocal_db / 10) * _k_weights()).sum(axis=0)
    return _Frozen(levels.backing_db[active] - vocal_db, essential, power / power.sum())


def _searched_gains(frozen: _Frozen, sample_rate: int) -> Array:
    """Nine gains, of which at most four are not 0; a second search uses only the four largest."""
    unlimited = _search(frozen, sample_rate, np.arange(len(BAND_FREQUENCIES_HZ)))
    kept = np.flatnonzero(_largest(unlimited, N_CHANGED_BANDS))
    gains = _search(frozen, sample_rate, kept) if kept.size else unlimited
    gains[np.abs(gains) < NEGLIGIBLE_DB] = 0
    return np.round(gains, 2)


def _search(frozen: _Frozen, sample_rate: int, bands: npt.NDArray[np.int64]) -> Array:
    """Gains of ``bands`` that minimise masking plus a cost of the gains, by Powell's method."""
    response = interaction(sample_rate)[:, bands]
    limits = [
        (-SEARCH_LIMIT_DB, 0.0 if band < NEVER_BOOSTED else SEARCH_LIMIT_DB) for band in bands
    ]

    def cost(gains: Array) -> float:
        return frozen.masking_db(response @ gains) + GAIN_COST * float(np.abs(gains).sum())

    start = np.zeros(len(bands))
    found = minimize(
        cost,
        start,
        method="Powell",
        bounds=limits,
        options={"maxiter": 6, "xtol": 0.05, "ftol": 1e-3},
    )
    gains = np.zeros(len(BAND_FREQUENCIES_HZ))
    if found.fun < cost(start):
        gains[bands] = found.x
    return gains


@lru_cache(maxsize=4)
def interaction(sample_rate: int) -> Array:
    """Mean gain in dB in octave i for 1 dB of the filter at centre j, (9, 9); filters overlap."""
    return (
        np.stack(
            [octave_effect_db(row, sample_rate) for row in 6.0 * np.eye(len(BAND_FREQUENCIES_HZ))],
            axis=1,
        )
        / 6.0
    )


def octave_effect_db(gains_db: Array, sample_rate: int) -> Array:
    """Mean gain in dB in each octave, caused by filters with these gains."""
    bands = [
        EqBand(frequency, float(gain), BAND_Q)
        for frequency, gain in zip(BAND_FREQUENCIES_HZ, gains_db, strict=True)
    ]
    octave = 2.0 ** (np.arange(-5.5, 6) / 12)
    points = np.minimum(np.array(BAND_FREQUENCIES_HZ)[:, None] * octave, 0.49 * sample_rate)
    return np.asarray(response_db(bands, points.ravel(), sample_rate).reshape(points.shape).mean(1))


@lru_cache(maxsize=1)
def _k_weights() -> Array:
    """Linear power gain of the K filter at the centre of each octave (computed for 48 kHz)."""
    sos = np.insert(k_filter(48_000), 3, 1.0, axis=1)
    return np.asarray(np.abs(sosfreqz(sos, np.array(BAND_FREQUENCIES_HZ), fs=48_000)[1]) ** 2)


def _gated_mean(power: Array) -> float:
    """Mean power of the moments that are at most 10 dB below the mean power, as in BS.1770."""
    mean = float(power.mean())
    return float(power[power >= mean / 10].mean())


def _mean_level_db(level_db: Array) -> Array:
    """Level in dB of the mean power over all frames."""
    return np.asarray(10 * np.log10((10 ** (level_db / 10)).mean(axis=0)))


def _strongest(level_db: Array, count: int) -> npt.NDArray[np.bool_]:
    chosen = np.zeros(level_db.size, dtype=bool)
    chosen[np.argsort(-level_db, kind="stable")[:count]] = True
    return chosen


def _largest(gains: Array, count: int) -> Array:
    """The ``count`` gains with the largest magnitudes; all other gains become 0."""
    return np.where(_strongest(np.abs(gains), count), gains, 0.0)
