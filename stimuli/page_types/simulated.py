"""A page as a simulated listener meets it: what a page type makes answers of.

A listener of known preferences rates on the 0-100 scale whatever they hear; a page type turns that
into the answers that its page takes (``PartOptions.simulated``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from stimuli.study_keys.rated_scale import RatingScale

POINTS_APART = 12.0
"""Distance of planted means that is heard in 63 % of trials; in the rest listeners guess."""


@dataclass(frozen=True, slots=True)
class SimulatedPage:
    """Content of a page, and the listener in front of it.

    Parameters
    ----------
    systems, references
        Of the slots that are rated, and of those heard openly after them.
    attributes
        That the part asks about.
    scales
        On what each attribute is rated.
    rate
        A system's rating (0-100) by attribute in this hearing; each call hears it once more.
    mean
        A system's planted mean rating over all listeners and songs.
    discrimination
        How far apart this listener hears systems; 1 as usual.
    random
        Of this listener.
    rated
        Items that the part rates, in its order.
    """

    systems: tuple[str, ...]
    references: tuple[str, ...]
    attributes: tuple[str, ...]
    scales: Mapping[str, RatingScale]
    rate: Callable[[str], Mapping[str, float]]
    mean: Callable[[str], float]
    discrimination: float
    random: np.random.Generator
    rated: tuple[str, ...] = ()

    def is_heard(self, one: str, other: str) -> bool:
        """Whether two systems are heard apart this time; more often the farther they lie apart."""
        distance = abs(self.mean(one) - self.mean(other)) * self.discrimination / POINTS_APART
        return bool(self.random.random() < 1.0 - math.exp(-distance))
