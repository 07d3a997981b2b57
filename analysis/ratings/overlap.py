"""Common listeners, systems and songs: which comparisons are within listeners and songs.

In the design graph, two systems are linked if the same listener rated both. If no listener rated
both systems of a pair, they are compared **between people**: a chain of listeners connects them. In
a chain of listeners, two neighbouring listeners have a system in common that both rated. Without a
chain of listeners, the effects of listeners and systems cannot be separated, and the comparison has
no result.

A song links all systems that were rated on it. If no chain of songs connects two systems, they are
compared **between songs**. A comparison between songs is valid only if the songs of both systems
are samples from the same population. A caution is printed with every comparison between songs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Sets = tuple[tuple[str, ...], ...]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Overlap:
    """The design graph: which rated systems are linked by listeners and by songs.

    Attributes
    ----------
    sets
        Sets of systems connected by chains of listeners, sorted; one set if all are connected.
    between_people
        Pairs of systems that no listener rated both.
    song_sets
        Sets of systems connected by chains of songs, sorted; one set if all are connected.
    between_songs
        Pairs of systems that were never rated on the same song.
    """

    sets: Sets
    between_people: Pairs
    song_sets: Sets
    between_songs: Pairs

    @cached_property
    def _set_of(self) -> dict[str, int]:
        return {name: place for place, names in enumerate(self.sets) for name in names}

    @property
    def why_not_all(self) -> str | None:
        """Reason why all systems together are not tested; None if listeners connect all of them."""
        if len(self.sets) < 2:
            return None
        return (
            f"No chain of listeners connects these sets of systems, so a test of all systems at "
            f"once would compare people: {_in_words(self.sets)}."
        )

    @property
    def why_no_effects(self) -> str | None:
        """Reason why systems are not compared with the overall mean; None if all are connected."""
        if len(self.sets) < 2:
            return None
        return (
            f"No chain of listeners connects these sets of systems, so the mean of all systems "
            f"would be over different people: {_in_words(self.sets)}."
        )

    @property
    def caution(self) -> str | None:
        """Cautions for a test of all systems, if chains of songs do not connect all of them."""
        if len(self.song_sets) < 2:
            return None
        return (
            f"No chain of songs connects these sets of systems, so songs are compared as well as "
            f"systems: {_in_words(self.song_sets)}."
        )

    def why_apart(self, a: str, b: str) -> str | None:
        """Reason why two systems are not compared; None if a chain of listeners connects them."""
        set_of = self._set_of
        if a not in set_of or b not in set_of or set_of[a] == set_of[b]:
            return None
        return (
            f"No chain of listeners connects {a} and {b}, so a difference may be a difference "
            f"between people."
        )


def overlap(rows: pd.DataFrame) -> Overlap:
    """Design graph of the ratings of one attribute."""
    return Overlap(*_joined(rows, "participant"), *_joined(rows, "song"))


def _joined(rows: pd.DataFrame, by: str) -> tuple[Sets, Pairs]:
    """Sets of systems that chains of `by` connect; pairs that have no `by` in common."""
    joint = pd.factorize(rows[by])[0]
    names, system = np.unique(rows["system"].to_numpy(dtype=str), return_inverse=True)
    rated = np.zeros((int(joint.max(initial=-1)) + 1, len(names)), dtype=np.int64)
    rated[joint, system] = 1
    together = rated.T @ rated
    n_sets, of_set = connected_components(csr_matrix(together), directed=False)
    sets = [[str(name) for name in names[of_set == index]] for index in range(n_sets)]
    apart = [
        (str(names[i]), str(names[j]))
        for i, j in combinations(range(len(names)), 2)
        if not together[i, j]
    ]
    return tuple(sorted(map(tuple, sets))), tuple(apart)


def _in_words(sets: Sets) -> str:
    return "; ".join(", ".join(names) for names in sets)


def cells_of_songs(ratings: pd.DataFrame) -> pd.Series:
    """Ratings of each song if none is missing: one for each of its systems and attributes.

    A row with an empty rating counts as planned. A combination that is not in the table is not
    missing, because each song has its own systems.
    """
    return ratings.drop_duplicates(["song", "system", "attribute"]).groupby("song").size()
