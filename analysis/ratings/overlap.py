"""Who heard which systems: what a comparison within the same listeners rests on.

In the design graph a listener joins all systems that he or she rated. Two systems that no listener
heard both of are compared **between people**, over a chain of listeners who heard others too. Where
there is no such chain, listeners and systems cannot be told apart, and nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class Overlap:
    """The design graph of the rated systems.

    Attributes
    ----------
    sets
        Systems that chains of listeners connect, sorted; one set where all are.
    between_people
        Pairs that no listener rated both of.
    """

    sets: tuple[tuple[str, ...], ...]
    between_people: tuple[tuple[str, str], ...]

    @cached_property
    def _set_of(self) -> dict[str, int]:
        return {name: place for place, names in enumerate(self.sets) for name in names}

    @property
    def why_not_all(self) -> str | None:
        """Why no test takes all systems at once; None where chains of listeners connect them."""
        if len(self.sets) < 2:
            return None
        sets = "; ".join(", ".join(names) for names in self.sets)
        return (
            f"No chain of listeners connects these sets of systems, so that a test of all at once "
            f"would compare people: {sets}."
        )

    def why_apart(self, a: str, b: str) -> str | None:
        """Why two systems are not compared; None where a chain of listeners connects them."""
        set_of = self._set_of
        if a not in set_of or b not in set_of or set_of[a] == set_of[b]:
            return None
        return (
            f"No chain of listeners leads from {a} to {b}, so that what differs may be the people."
        )


def overlap(rows: pd.DataFrame) -> Overlap:
    """Design graph of the ratings of one attribute."""
    who = pd.factorize(rows["participant"])[0]
    names, system = np.unique(rows["system"].to_numpy(dtype=str), return_inverse=True)
    heard = np.zeros((int(who.max(initial=-1)) + 1, len(names)), dtype=np.int64)
    heard[who, system] = 1
    together = heard.T @ heard
    n_sets, of_set = connected_components(csr_matrix(together), directed=False)
    sets = [[str(name) for name in names[of_set == index]] for index in range(n_sets)]
    apart = [
        (str(names[i]), str(names[j]))
        for i, j in combinations(range(len(names)), 2)
        if not together[i, j]
    ]
    return Overlap(tuple(sorted(map(tuple, sets))), tuple(apart))


def cells_of_songs(ratings: pd.DataFrame) -> pd.Series:
    """How many ratings a whole set of each song has: its own systems on its own attributes.

    Rows with an empty rating count: they were asked for. What the table does not have is not there:
    systems of other songs are not missing here.
    """
    return ratings.drop_duplicates(["song", "system", "attribute"]).groupby("song").size()
