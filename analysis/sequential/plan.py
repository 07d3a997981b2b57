"""Declared interim looks at the data, and the results that they can have.

**Conventions.** Contrasts are differences a - b in points. Participants are counted in the order in
which they finish. A contrast is *shown* if its p is below the level; p is for all looks, and
adjusted by Holm over the contrasts. A contrast that was shown at one look stays shown at the later
looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from analysis.sequential.spending import SPENDING
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.multiplicity import adjusted

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class SequentialPlan:
    """Declared interim looks: at certain numbers of participants, or at any time.

    ``sizes`` are increasing numbers of participants. ``spending`` is a key of
    :data:`analysis.sequential.spending.SPENDING`. The fields ``sizes`` and ``spending`` are empty
    if ``anytime`` is true.
    """

    contrasts: tuple[tuple[str, str], ...] = ()
    sizes: tuple[int, ...] = ()
    spending: str = ""
    anytime: bool = False

    def __post_init__(self) -> None:
        if self.anytime == bool(self.sizes):
            raise ValueError("A sequential plan needs looks, or must be valid at any time.")
        if self.sizes and self.spending not in SPENDING:
            raise ValueError(f"The spending of alpha must be {' or '.join(SPENDING)}.")


@dataclass(frozen=True, slots=True)
class ContrastSoFar:
    """One contrast at one look; ``p`` and the interval are adjusted for all looks.

    ``p_holm`` is adjusted over the contrasts.
    """

    a: str
    b: str
    estimate: float
    ci_low: float
    ci_high: float
    p: float
    p_holm: float = 1.0

    @property
    def is_shown(self) -> bool:
        """Whether this look or an earlier one has shown that the two systems differ."""
        return self.p_holm < ALPHA


@dataclass(frozen=True, slots=True)
class Look:
    """Findings from the first ``n_listeners``, the last of whom finished at ``reached_at``."""

    n_listeners: int
    reached_at: str
    contrasts: tuple[ContrastSoFar, ...]

    @property
    def n_shown(self) -> int:
        """Number of contrasts that are shown."""
        return sum(each.is_shown for each in self.contrasts)


@dataclass(frozen=True, slots=True)
class SequentialFinding:
    """All looks until now, and the next look.

    ``n_finished`` is the number of participants who have finished. ``next_n`` is the number of
    participants at the next look; None if there is no next look.
    """

    looks: tuple[Look, ...]
    n_finished: int
    next_n: int | None

    @property
    def decision(self) -> Literal["stop", "go on"]:
        """``stop`` if every contrast is shown or there is no next look, otherwise ``go on``."""
        is_enough = bool(self.looks) and self.looks[-1].n_shown == len(self.looks[-1].contrasts)
        return "stop" if is_enough or self.next_n is None else "go on"


def with_holm(contrasts: Sequence[ContrastSoFar]) -> tuple[ContrastSoFar, ...]:
    """Contrasts at one look; p is adjusted over all contrasts."""
    p_holm = adjusted([each.p for each in contrasts])
    return tuple(replace(each, p_holm=p) for each, p in zip(contrasts, p_holm, strict=True))


def in_order_of_completion(rows: pd.DataFrame) -> pd.Series:
    """Time of each participant's last rating, by name, sorted by this time.

    Raises
    ------
    NotEstimableError
        The ratings have no times.
    """
    times = rows["rated_at"].astype(str) if "rated_at" in rows else pd.Series("", rows.index)
    last = times.groupby(rows["participant"]).max()
    if (last == "").any():
        raise NotEstimableError("The ratings have no times.")
    return last.sort_index().sort_values(kind="stable")
