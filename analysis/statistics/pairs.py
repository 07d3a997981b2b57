"""Every pair of systems, and a paired test run over all of them.

Takes the table of participant means (rows participants, columns systems in alphabetical order); a
pair is tested on the participants who rated both systems, and its difference is a - b.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.statistics.estimable import NotEstimableError, not_estimable
from analysis.statistics.multiplicity import adjusted

Row = dict[str, Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Two systems and the means `x`, `y` of the participants who rated both, in points.

    `both` says of each of `everybody` whether it is one of them.
    """

    a: str
    b: str
    everybody: pd.Index
    both: NDArray[np.bool_]
    x: Floats
    y: Floats

    @property
    def participants(self) -> pd.Index:
        """Those who rated both."""
        return self.everybody[self.both]

    @property
    def d(self) -> Floats:
        """Differences a - b, one a participant."""
        return self.x - self.y


def pairs_of(means: pd.DataFrame) -> Iterator[Pair]:
    """Every pair of systems, in alphabetical order."""
    table, names = means.to_numpy(dtype=float), [str(name) for name in means.columns]
    known = ~np.isnan(table)
    for i, j in combinations(range(means.shape[1]), 2):
        both = known[:, i] & known[:, j]
        yield Pair(names[i], names[j], means.index, both, table[both, i], table[both, j])


def per_pair(means: pd.DataFrame, test: Callable[[Pair], Row], p: str | None = "p") -> list[Row]:
    """Rows of a paired test over all pairs, with Holm-adjusted p.

    Parameters
    ----------
    means
        Participants x systems.
    test
        Takes a pair and returns the keys of a row; may raise `NotEstimableError`.
    p
        Key of the p-value that `p_holm` adjusts; None for no adjustment.

    Returns
    -------
    list of dict
        `a, b, n`, then the keys of `test`, or `status` and `why`.

    Raises
    ------
    NotEstimableError
        With fewer than two systems.
    """
    if means.shape[1] < 2:
        raise NotEstimableError("There is only one system, so there is nothing to compare.")
    unrated = set(means.columns[means.isna().all()])
    rows: list[Row] = []
    for pair in pairs_of(means):
        row: Row = {"a": pair.a, "b": pair.b, "n": len(pair.x)}
        try:
            for name in (pair.a, pair.b):
                if name in unrated:
                    raise NotEstimableError(f"Nobody rated {name}.")
            if len(pair.x) < 2:
                raise NotEstimableError(
                    f"Fewer than two participants rated both {pair.a} and {pair.b}."
                )
            row |= test(pair)
        except NotEstimableError as error:
            row |= not_estimable(str(error))
        rows.append(row)
    if p is not None:
        for row, value in zip(rows, adjusted([r.get(p, np.nan) for r in rows]), strict=True):
            if p in row:
                row["p_holm"] = value
    return rows
