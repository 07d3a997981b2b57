"""All pairs of systems, and paired tests for them.

In the table, a row is a participant and a column is a (system, song); the systems are in
alphabetical order. The test of a pair uses the participants who rated both systems on at least one
common song. The test of a pair uses the mean of each participant over the songs that both systems
have in common. The difference of a pair is a - b. A table with only one column per system counts as
a table of one song.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.findings.pairs import HolmPair
from analysis.findings.sections import PairNotEstimable, rows_of
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.multiplicity import adjusted

T = TypeVar("T")
H = TypeVar("H", bound=HolmPair)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """Two systems; `x`, `y`: participants' means (points) over songs that were rated with both.

    `both` says, for each participant in `everybody`, whether the participant rated both systems.
    """

    a: str
    b: str
    everybody: pd.Index
    both: NDArray[np.bool_]
    x: Floats
    y: Floats

    @property
    def head(self) -> tuple[str, str, int]:
        """The first fields of each row about a pair: both names, and the number of participants."""
        return self.a, self.b, len(self.x)

    @property
    def participants(self) -> pd.Index:
        """Participants who rated both systems."""
        return self.everybody[self.both]

    @property
    def d(self) -> Floats:
        """Differences a - b, one a participant."""
        return self.x - self.y


FLAT = 1e-9
"""Differences that are not further apart are equal except for rounding errors."""


@dataclass(frozen=True)
class PairBlock:
    """Pairs of one system with others, for the same participants; they are tested in one step.

    In a block, differences vary between participants either in every pair or in none. `x` and `y`
    (n_pairs, n) are the means that :class:`Pair` defines. `by_song` (n_pairs, n_everybody, n_songs)
    contains the difference on each song, or NaN if one of the two systems was not rated.
    """

    a: str
    b: tuple[str, ...]
    x: Floats
    y: Floats
    by_song: Floats

    @property
    def heads(self) -> list[tuple[str, str, int]]:
        """Fields that all rows of a pair have."""
        return [(self.a, b, self.x.shape[1]) for b in self.b]

    def rows(self, record: Callable[..., T], **columns: Floats | float) -> list[T]:
        """One record for each pair; a column that is a single number is the same in all records."""
        each = (
            column.tolist() if isinstance(column, np.ndarray) else [column] * len(self.b)
            for column in columns.values()
        )
        numbers = zip(*each, strict=True)
        return [
            record(*head, **dict(zip(columns, row, strict=True)))
            for head, row in zip(self.heads, numbers, strict=True)
        ]


def by_system(cells: pd.DataFrame) -> tuple[list[str], Floats]:
    """Names of the systems, and ratings with shape (n_systems, n_participants, n_songs)."""
    if cells.columns.nlevels == 1:
        return [str(name) for name in cells.columns], cells.to_numpy(dtype=float).T[:, :, None]
    names = list(dict.fromkeys(cells.columns.get_level_values(0)))
    songs = cells.columns.get_level_values(1).unique()
    whole = cells.reindex(columns=pd.MultiIndex.from_product([names, songs]))
    table = whole.to_numpy(dtype=float).reshape(len(cells), len(names), len(songs))
    return [str(name) for name in names], table.transpose(1, 0, 2)


def over_common_songs(table: Floats) -> Floats:
    """Means of some systems, each over the songs on which a participant rated all of them.

    Parameters
    ----------
    table
        Ratings, shape (n_systems, n_participants, n_songs); NaN for a missing rating.

    Returns
    -------
    array
        Means, shape (n_participants, n_systems). A participant's means are NaN if the participant
        rated all systems on no song.
    """
    common = ~np.isnan(table).any(axis=0)
    count = common.sum(axis=-1).astype(float)
    count[count == 0] = np.nan
    return np.asarray(np.where(common, table, 0.0).sum(axis=-1) / count).T


def common_means(cells: pd.DataFrame) -> pd.DataFrame:
    """Participants' means over the songs on which they rated every system that anybody rated.

    Returns
    -------
    DataFrame
        Participants x systems. NaN for a participant who has no complete song, and for a system
        that nobody rated.
    """
    names, table = by_system(cells)
    rated = ~np.isnan(table).all(axis=(1, 2))
    means = np.full((len(cells), len(names)), np.nan)
    means[:, rated] = over_common_songs(table[rated])
    return pd.DataFrame(means, index=cells.index, columns=names)


def pairs_of(cells: pd.DataFrame) -> Iterator[Pair]:
    """All pairs of systems, in alphabetical order."""
    names, table = by_system(cells)
    for i, own in enumerate(table[:-1]):
        for b, x, y in zip(names[i + 1 :], *_beside(own, table[i + 1 :]), strict=True):
            both = ~np.isnan(x)
            yield Pair(names[i], b, cells.index, both, x[both], y[both])


def _beside(own: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Means of a system and of each other system on common songs; (n_others, n_participants)."""
    means = over_common_songs(np.stack([np.broadcast_to(own, others.shape), others])).T
    return means[0], means[1]


def _blocks(names: Sequence[str], table: Floats) -> Iterator[PairBlock]:
    for i, own in enumerate(table[:-1]):
        x, y = _beside(own, table[i + 1 :])
        known = ~np.isnan(x)
        top, bottom = (np.where(known, x - y, end) for end in (-np.inf, np.inf))
        varies = top.max(axis=1) - bottom.min(axis=1) >= FLAT
        for key in np.unique(np.column_stack([known, varies]), axis=0):
            alike = np.flatnonzero((known == key[:-1]).all(axis=1) & (varies == key[-1]))
            both, places = np.ix_(alike, np.flatnonzero(key[:-1])), alike + i + 1
            names_b = tuple(names[place] for place in places.tolist())
            yield PairBlock(names[i], names_b, x[both], y[both], own - table[places])


def per_pair(cells: pd.DataFrame, test: Callable[[Pair], T]) -> list[T | PairNotEstimable]:
    """Rows of a paired test, one for each pair.

    Parameters
    ----------
    cells
        Participants x (system, song), or participants x systems.
    test
        Function that takes a pair and returns the row of the pair; it can raise
        `NotEstimableError`.

    Raises
    ------
    NotEstimableError
        There are fewer than two systems.
    """
    unrated = _systems(cells)[2]
    return [_row(pair, test, unrated) for pair in pairs_of(cells)]


def per_block(
    cells: pd.DataFrame, test: Callable[[PairBlock], Sequence[T]]
) -> list[T | PairNotEstimable]:
    """Rows of a paired test, as by `per_pair`; many pairs are computed in one step.

    Parameters
    ----------
    cells
        As `per_pair`.
    test
        Function that takes a block and returns a row for each pair in it. If the function
        raises `NotEstimableError`, the error applies to all pairs of the block.

    Raises
    ------
    NotEstimableError
        There are fewer than two systems.
    """
    names, table, unrated = _systems(cells)
    found: dict[tuple[str, str], T | PairNotEstimable] = {}
    for block in _blocks(names, table):
        why = [_why_not(head, unrated) for head in block.heads]
        rows: Sequence[T | PairNotEstimable] = ()
        if not any(why):
            try:
                rows = test(block)
            except NotEstimableError as error:
                why = [str(error)] * len(block.b)
        if any(why):
            told = zip(why, block.heads, strict=True)
            rows = [PairNotEstimable(one, a=a, b=b, n=n) for one, (a, b, n) in told]
        found |= {(block.a, b): row for b, row in zip(block.b, rows, strict=True)}
    return [found[pair] for pair in combinations(names, 2)]


def _systems(cells: pd.DataFrame) -> tuple[list[str], Floats, set[str]]:
    """Ratings as in `by_system`; systems that nobody rated are included."""
    names, table = by_system(cells)
    if len(names) < 2:
        raise NotEstimableError("There is only one system, so there is nothing to compare.")
    unrated = {name for name, own in zip(names, table, strict=True) if np.isnan(own).all()}
    return names, table, unrated


def _why_not(head: tuple[str, str, int], unrated: Collection[str]) -> str:
    a, b, n = head
    why = next((f"Nobody rated {name}." for name in (a, b) if name in unrated), "")
    if not why and n < 2:
        why = f"Fewer than two participants rated both {a} and {b} on the same song."
    return why


def _row(pair: Pair, test: Callable[[Pair], T], unrated: Collection[str]) -> T | PairNotEstimable:
    a, b, n = pair.head
    why = _why_not(pair.head, unrated)
    if not why:
        try:
            return test(pair)
        except NotEstimableError as error:
            why = str(error)
    return PairNotEstimable(why, a=a, b=b, n=n)


def with_holm(
    rows: Sequence[H | PairNotEstimable], p: Callable[[H], float]
) -> list[H | PairNotEstimable]:
    """The rows with a new field `p_holm`: the `p` of all rows, adjusted by Holm."""
    p_holm = iter(adjusted([p(row) for row in rows_of(rows)]))
    return [
        row if isinstance(row, PairNotEstimable) else replace(row, p_holm=next(p_holm))
        for row in rows
    ]
