"""Power of Fisher's exact test of hits against false alarms, in same-different trials.

**Conventions.** As :mod:`analysis.discrimination.differencing`; all listeners' answers are one
table.

Notes
-----
Hits and false alarms are independent. For each number of "different" the test rejects from a least
number of hits on, by the tail of the hypergeometric; power is the chance of all that it rejects.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

Floats = NDArray[np.float64]

_ROUNDING = 1e-9
"""A p so little above the level, as a share of it, is the level itself."""
_NONE = 1e-12
"""Chances below are left out."""


def fisher_power(hits: Floats, n_same: int, guessed: float, alpha: float) -> float:
    """Chance that Fisher's one-sided test finds more hits than false alarms.

    Parameters
    ----------
    hits
        Chances of 0, 1, ... hits, shape (n_different + 1,).
    n_same
        Same pairs.
    guessed
        Share of them that is called different.
    alpha
        Level of the test.
    """
    if n_same == 0:
        return 0.0
    alarms = stats.binom.pmf(np.arange(n_same + 1), n_same, guessed)
    likely_hits, likely_alarms = np.flatnonzero(hits > _NONE), np.flatnonzero(alarms > _NONE)
    fewest = int(likely_hits[0] + likely_alarms[0])
    most = int(likely_hits[-1] + likely_alarms[-1])
    least = _least_hits(len(hits) - 1, n_same, alpha, fewest, most)
    said = likely_hits[:, None] + likely_alarms[None, :]
    rejects = likely_hits[:, None] >= least[said - fewest]
    return float(hits[likely_hits] @ rejects @ alarms[likely_alarms])


def _least_hits(
    n_different: int, n_same: int, alpha: float, fewest: int, most: int
) -> NDArray[np.int64]:
    """Hits from which on the test rejects, for fewest to most answers of "different"."""
    found = []
    for said in range(fewest, most + 1):
        low, high = max(0, said - n_same), min(said, n_different)
        middle, spread = said * n_different / (n_different + n_same), 8 * np.sqrt(said) + 8
        low, high = max(low, int(middle - spread)), min(high, int(middle + spread))
        k = np.arange(low, high + 1)
        chances = np.exp(
            _ways(n_different, k) + _ways(n_same, said - k)
            - _ways(n_different + n_same, np.array(said))
        )  # fmt: skip
        tails = np.cumsum(chances[::-1])[::-1]
        found.append(low + int(np.searchsorted(-tails, -alpha * (1 + _ROUNDING))))
    return np.array(found, dtype=np.int64)


def _ways(n: int, k: NDArray[np.int64]) -> Floats:
    """Logarithm of the ways to choose k of n."""
    logs = _logs(n)
    return np.asarray(logs[n] - logs[k] - logs[n - k])


@cache
def _logs(n: int) -> Floats:
    """Logarithms of the factorials of 0 to n."""
    return np.asarray(gammaln(np.arange(n + 1) + 1.0))
