"""Mean opinion scores, with intervals over listeners, and over listeners and items together.

**Conventions.** A score is the mean of all votes for a system (condition), on the scale of the
votes. Votes of the same listener are correlated, and votes on the same item (song) are correlated
too. No interval treats votes as independent, because votes of the same listener or item are
correlated. There are N votes in G clusters. For a vote, e is the vote minus the mean vote, and S_g
is the sum of e in cluster g. If the clusters are a sample, the variance of the mean is V = G/(G-1)
* sum(S_g^2) / N^2. If only the listeners are a sample, the variance is V(listeners), and t has G
- 1 degrees of freedom. If listeners and items are both samples, the variance is V(listeners) +
  V(items) - V(cells). A cell is one listener with one item. For the variance over listeners and
  items, t has G - 1 degrees of freedom, where G is the number of listeners or of items, whichever
  is smaller. If the variance over listeners and items is below V(listeners) or V(items), the larger
  of these two replaces it.

References
----------
.. [1] ITU-T P.800 (08/1996), Annex B: mean opinion scores over listeners and talkers.
.. [2] Cameron, Gelbach & Miller (2011), Robust inference with multiway clustering, Journal of
   Business & Economic Statistics 29, 238-249.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.findings.described import OpinionScore

LEVEL = 0.95


def opinion_scores(rows: pd.DataFrame, score: str) -> list[OpinionScore]:
    """Mean score of each system, sorted by name.

    Parameters
    ----------
    rows
        Rows with ratings of one attribute; repeated ratings are separate votes.
    score
        Name of the mean score: MOS, DMOS or CMOS.
    """
    return [_score(str(name), part, score) for name, part in rows.groupby("system")]


def _score(system: str, rows: pd.DataFrame, score: str) -> OpinionScore:
    votes = rows["rating"].to_numpy(dtype=float)
    listeners, items = (pd.factorize(rows[key])[0] for key in ("participant", "song"))
    n_listeners, n_items = int(listeners.max()) + 1, int(items.max()) + 1
    mean = float(votes.mean())
    alone = clustered_variance(votes, [listeners])
    both = clustered_variance(votes, [listeners, items])
    low, high = _interval(mean, alone, n_listeners - 1)
    wide_low, wide_high = _interval(mean, both, min(n_listeners, n_items) - 1)
    return OpinionScore(
        system=system,
        score=score,
        mean=mean,
        sd=float(votes.std(ddof=1)) if len(votes) > 1 else math.nan,
        n_votes=len(votes),
        n_participants=n_listeners,
        n_songs=n_items,
        ci_low=low,
        ci_high=high,
        items_ci_low=wide_low,
        items_ci_high=wide_high,
    )


def clustered_variance(votes: NDArray[np.float64], clusters: Sequence[NDArray[np.intp]]) -> float:
    """Variance of the mean of votes, which are correlated within clusters of one or two kinds.

    Parameters
    ----------
    votes
        Shape (n,).
    clusters
        One or two arrays of shape (n,) with the number of each vote's cluster, from 0.

    Returns
    -------
    float
        The result is NaN if a kind of cluster has only one cluster.
    """
    rest = votes - votes.mean()
    own = [_variance(rest, codes) for codes in clusters]
    if len(own) == 1:
        return own[0]
    cells = clusters[0] * (int(clusters[1].max()) + 1) + clusters[1]
    both = own[0] + own[1] - _variance(rest, pd.factorize(cells)[0])
    return both if math.isnan(both) else max(both, *own)


def _variance(rest: NDArray[np.float64], codes: NDArray[np.intp]) -> float:
    sums = np.bincount(codes, weights=rest)
    n = len(sums)
    return float(n / (n - 1) * np.sum(sums**2)) / len(rest) ** 2 if n > 1 else math.nan


def _interval(mean: float, variance: float, df: int) -> tuple[float, float]:
    if df < 1 or math.isnan(variance):
        return math.nan, math.nan
    half = float(stats.t.ppf(0.5 + LEVEL / 2, df)) * math.sqrt(variance)
    return mean - half, mean + half
