"""Systems whose strengths can be compared, because a closed chain of wins connects them.

**Conventions.** A square table contains the numbers of wins of the row's system against the
column's system. A tie counts as half a win for each side.

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
    """The largest group of systems with finite strengths; reasons for leaving out the others.

    Parameters
    ----------
    wins
        Shape (k, k).
    systems
        Their k names.

    Returns
    -------
    tuple of str
        The group is in the order of ``systems``. If several groups have the same size, the group
        with the most comparisons is returned.
    list of SetApart
        The reason for each system outside the group is ``always won``, ``never won`` or ``not
        compared``: the system won or lost all comparisons with the group (directly or through other
        systems), or was not compared with it.
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
    """Systems that can be reached from ``start`` through wins."""
    reached = start.copy()
    for _ in range(len(start)):
        reached = reached | steps[reached].any(axis=0)
    return reached
