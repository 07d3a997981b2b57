"""A page as a simulated listener hears it; a page type turns the ratings into answers.

A listener with known preferences rates all stimuli on the 0-100 scale; a page type converts these
ratings into the answers of its page (``PartOptions.simulated``).
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
    """Content of a page, and the listener who answers.

    Parameters
    ----------
    systems, references
        Systems of the rated stimuli, followed by the systems of the open stimuli.
    attributes
        Attributes of the part.
    scales
        Scale of each attribute of the part.
    rate
        Function that rates a system (0-100), by attribute; each call is like hearing the system
        once more.
    mean
        Function that gives the true (simulated) mean rating of a system over all listeners and
        songs.
    discrimination
        The listener's sensitivity to differences; 1 is usual.
    random
        Of this listener.
    rated
        Names of the part's rated stimuli, in the order of the part.
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
        """Whether the listener hears a difference; the probability rises with the difference."""
        distance = abs(self.mean(one) - self.mean(other)) * self.discrimination / POINTS_APART
        return bool(self.random.random() < 1.0 - math.exp(-distance))
