"""Williams designs: orders in which each condition follows every other one equally often.

References
----------
.. [1] E. J. Williams (1949), "Experimental designs balanced for the estimation of residual
   effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")


@lru_cache(maxsize=64)
def williams_rows(n: int) -> tuple[tuple[int, ...], ...]:
    """Rows of a Williams design for ``n`` conditions, numbered from 0.

    Parameters
    ----------
    n
        Number of conditions, at least 1.

    Returns
    -------
    tuple
        ``n`` rows if ``n`` is even (or 1), otherwise ``2 n`` rows. With an odd number of
        conditions, one square alone cannot balance carry-over; for this reason, its mirror image is
        added.

    Raises
    ------
    ValueError
        ``n`` is below 1.

    Notes
    -----
    The first row is 0, 1, n−1, 2, n−2, …; row *i* adds *i* modulo *n*. If ``n`` is even, no two
    pairs of neighbours in the first row have the same difference; every ordered pair therefore
    occurs once.

    Examples
    --------
    >>> williams_rows(4)
    ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))
    """
    if n < 1:
        raise ValueError(f"A design needs at least one condition, not {n}.")
    first = zigzag(n)
    square = tuple(tuple((value + shift) % n for value in first) for shift in range(n))
    if n % 2 == 0 or n == 1:
        return square
    return square + tuple(row[::-1] for row in square)


def zigzag(n: int) -> tuple[int, ...]:
    """First row of a Williams design, numbered from 0: 0, 1, n−1, 2, n−2 and so on.

    Examples
    --------
    >>> zigzag(5)
    (0, 1, 4, 2, 3)
    """
    return tuple((step + 1) // 2 if step % 2 else (n - step // 2) % n for step in range(n))


def in_row(entries: Sequence[T], row: int) -> tuple[T, ...]:
    """Entries in the order of one row of a Williams design; row numbers start again at the end."""
    rows = williams_rows(len(entries))
    return tuple(entries[index] for index in rows[row % len(rows)])
