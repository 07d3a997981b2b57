"""Systems whose strengths can be compared: systems that a closed chain of wins connects.

**Conventions.** Wins are counted in a square table: the system of the row beats the system of the
column. A tie counts as half a win for each side.

References
----------
.. [1] Ford (1957), Solution of a ranking problem from binary comparisons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from analysis.choices.choice_model import Floats

ALWAYS, NEVER, APART = "always won", "never won", "not compared"
"""Reasons why a system has no strength that can be compared with the others."""


@dataclass(frozen=True, slots=True)
class SetApart:
    """A system that cannot be compared with the systems that have strengths, and the reason."""

    system: str
    why: str


def comparable(wins: Floats, systems: Sequence[str]) -> tuple[tuple[str, ...], list[SetApart]]:
    """Largest group of systems with finite strengths, and why each other system is left out.

    Parameters
    ----------
    wins
        Shape (k, k).
    systems
        Their k names.

    Returns
    -------
    tuple of str
        The group is in the order of ``systems``. Among groups of the same size, the group with the
        most comparisons is returned.
    list of SetApart
        Each system outside the group ``always won`` against the group (directly or through other
        systems), ``never won`` against the group, or was ``not compared`` with the group at all.
    """
    beats = np.asarray(wins) > 0
    _, part = connected_components(beats, directed=True, connection="strong")
    played = np.asarray(wins) + np.asarray(wins).T

    def weight(label: int) -> tuple[int, float]:
        members = part == label
        return int(members.sum()), float(played[np.ix_(members, members)].sum())

    largest = max(range(part.max() + 1), key=weight)
    core = part == largest
    above, below = _reached(beats.T, core), _reached(beats, core)
    apart = [
        SetApart(name, ALWAYS if above[index] else NEVER if below[index] else APART)
        for index, name in enumerate(systems)
        if not core[index]
    ]
    return tuple(name for name, kept in zip(systems, core, strict=True) if kept), apart


def _reached(steps: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Systems that can be reached from the systems in ``start``."""
    reached = start.copy()
    for _ in range(len(start)):
        reached = reached | steps[reached].any(axis=0)
    return reached
