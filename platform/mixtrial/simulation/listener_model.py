"""Model of listeners with known preferences; it generates the simulated participants' ratings.

A rating on the 0–100 scale is a sum of known parts, clipped to the scale and rounded:

    rating = mean of the system, with differences scaled by the group's discrimination
             + leniency of the group + listener + song
             + listener x system + song x system + offset of the attribute
             + random part of this stimulus + random part of this attribute

The random parts are normal with the standard deviations of :class:`Spread`. For each system, the
effects of song x system add up to 0 over the songs. The preset means therefore hold for the songs
of this study, not only for songs in general. The preset values are the overall means of Li (2022),
the proportions of the groups in that study (10 : 14 : 6), and the small difference between baseline
and cnn. Single ratings have a standard deviation of about 20 points (25 in Li (2022), on a coarser
scale). All values of a simulation depend on a seed, the participant's index and the names, so that
the same input gives the same ratings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

PLANTED_MEANS: Mapping[str, float] = {"random": 28.0, "cnn": 37.0, "baseline": 40.0, "human": 55.0}
"""Mean rating of each known system, all groups and songs together."""

MADE_MEANS: Mapping[str, float] = {"low_anchor": 12.0, "mid_anchor": 30.0, "reference": 60.0}
"""The same of the stimuli that the build makes."""

UNKNOWN_MEAN_RANGE = (30.0, 50.0)

GROUP_WEIGHTS: Mapping[str, int] = {"professional": 10, "hobbyist": 14, "inexperienced": 6}
GROUP_LENIENCY: Mapping[str, float] = {
    "professional": -4.0,
    "hobbyist": -1.0,
    "inexperienced": 9.0,
}
GROUP_DISCRIMINATION: Mapping[str, float] = {
    "professional": 1.2,
    "hobbyist": 1.0,
    "inexperienced": 0.65,
}
ATTRIBUTE_OFFSETS: Mapping[str, float] = {
    "level": 4.0,
    "eq": 2.5,
    "compression": 3.5,
    "reverb": 0.5,
    "overall": 0.0,
}


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of the parts of a rating, in points of the 0–100 scale."""

    listener: float = 8.0
    song: float = 5.0
    listener_system: float = 3.0
    song_system: float = 4.0
    stimulus: float = 13.0
    attribute: float = 10.0


@dataclass(frozen=True)
class Listener:
    """One simulated participant: group, device, and preferences.

    ``offset`` is the listener's own leniency; ``system_offsets`` is the listener's preference for
    each system.
    """

    group: str
    device: str
    offset: float
    system_offsets: Mapping[str, float]
    discrimination: float
    random: np.random.Generator = field(repr=False)


def planted_mean(system: str) -> float:
    """Preset mean rating of a system; for an unknown system, a value that depends on its name."""
    known = {**PLANTED_MEANS, **MADE_MEANS}.get(system)
    if known is not None:
        return known
    low, high = UNKNOWN_MEAN_RANGE
    share = int.from_bytes(hashlib.sha256(system.encode()).digest()[:4], "big") / 2**32
    return low + share * (high - low)


class ListenerModel:
    """The common preferences of a whole panel, and the preferences of each listener.

    Parameters
    ----------
    seed
        Random seed; together with the participants' indices and the names, it determines all
        values.
    songs, systems, groups, devices
        Names of groups, systems and songs, as in the study.
    spread
        Standard deviations of the parts of a rating.
    """

    def __init__(
        self,
        seed: int,
        songs: Sequence[str],
        systems: Sequence[str],
        groups: Sequence[str],
        devices: Sequence[str],
        spread: Spread | None = None,
    ) -> None:
        self._seed = seed
        self._systems, self._groups, self._devices = tuple(systems), tuple(groups), tuple(devices)
        self._spread = spread or Spread()
        self._centre = float(np.mean([planted_mean(system) for system in systems]))
        self._song_offsets = self._centred(self._spread.song, "song", songs)
        self._song_system_offsets = {
            system: self._centred(self._spread.song_system, f"song x {system}", songs)
            for system in systems
        }

    def listener(self, index: int) -> Listener:
        """Listener with this participant index."""
        random = self._stream("listener", str(index))
        group = self._group(index)
        leniency = GROUP_LENIENCY.get(group, 0.0)
        return Listener(
            group=group,
            device=self._devices[int(random.integers(len(self._devices)))],
            offset=leniency + random.normal(0.0, self._spread.listener),
            system_offsets={
                system: random.normal(0.0, self._spread.listener_system) for system in self._systems
            },
            discrimination=GROUP_DISCRIMINATION.get(group, 1.0),
            random=random,
        )

    def rate_stimulus(
        self, listener: Listener, song: str, system: str, attributes: Sequence[str]
    ) -> dict[str, float]:
        """Ratings of one stimulus: a whole number from 0 to 100 for each attribute.

        The panel's systems do not include a reference that is played but never rated. All listeners
        have the preset preference for a reference that is never rated.
        """
        spread, random = self._spread, listener.random
        contrast = planted_mean(system) - self._centre
        heard = (
            self._centre
            + listener.discrimination * contrast
            + listener.offset
            + listener.system_offsets.get(system, 0.0)
            + self._song_offsets[song]
            + self._song_system_offsets.get(system, {}).get(song, 0.0)
            + random.normal(0.0, spread.stimulus)
        )
        meant = random.normal(0.0, spread.attribute, len(attributes))
        values = [
            heard + ATTRIBUTE_OFFSETS.get(attribute, 0.0) + part
            for attribute, part in zip(attributes, meant, strict=True)
        ]
        return dict(zip(attributes, np.rint(np.clip(values, 0.0, 100.0)).tolist(), strict=True))

    def _group(self, index: int) -> str:
        """Group of a participant; each block of 30 people has the groups in fixed proportions."""
        weights = [GROUP_WEIGHTS.get(group, 10) for group in self._groups]
        cards = [
            group
            for group, weight in zip(self._groups, weights, strict=True)
            for _ in range(weight)
        ]
        pack, place = divmod(index, len(cards))
        self._stream("groups", str(pack)).shuffle(cards)
        return cards[place]

    def _centred(self, deviation: float, part: str, songs: Sequence[str]) -> dict[str, float]:
        """Choose a random value for each song, common to all listeners; the values add up to 0."""
        draws = [self._stream(part, song).normal(0.0, deviation) for song in songs]
        return dict(zip(songs, (np.asarray(draws) - np.mean(draws)).tolist(), strict=True))

    def _stream(self, *names: str) -> np.random.Generator:
        digest = hashlib.sha256("\0".join(names).encode()).digest()
        return np.random.default_rng([self._seed, int.from_bytes(digest[:8], "big")])
