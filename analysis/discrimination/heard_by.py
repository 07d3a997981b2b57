"""Upper bound of the share of listeners who hear ("at most x % of the listeners hear it").

**Conventions.** A listener who *hears* a difference recognises it in at least a share h of the
trials, and guesses in all other trials. The probability of a right answer is then p = c + (1 - c)
h, where c is the probability of a right guess. In a group of listeners, pi is the share who hear
the difference. A listener's number of right answers follows a mixture of two binomial
distributions: with probability p (weight pi) or with probability c (weight 1 - pi).

Notes
-----
The bound is the largest pi for which the observed total of right answers, or a smaller total, still
has a probability of 5 %. In reality, listeners who hear the difference can recognise it more often
than h, and the others can sometimes recognise it. The bound is still valid, because recognising
more differences only increases the number of right answers. The total number of right answers is
the sum over all listeners. The exact distribution of the total number of right answers is computed
by convolution. If each listener has only one trial, the bound is Clopper and Pearson's bound,
corrected for right guesses.

Each bound applies to one pair of systems. A bound for several pairs together would use each
listener's mean over the pairs. If everybody hears one pair and nobody hears the many other pairs, a
common bound for all pairs would be far too low for the first pair.

References
----------
.. [1] Clopper & Pearson (1934), The use of confidence or fiducial limits.
.. [2] Brockhoff (2003), The statistical power of replications in difference tests, Food Quality and
   Preference 14 (listeners who hear among others who guess).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from analysis.findings.sections import NotEstimable

_MANY = 5000
"""From this number of answers on, their sum is computed by Fourier transform (exact to 1e-13)."""

HEARS = 0.5
"""Default share of occasions on which a listener hears a difference: the usual threshold."""
LEVEL = 0.95

Floats = NDArray[np.float64]
Bound = TypeVar("Bound")


def of_the_only_pair(bounds: Sequence[Bound]) -> Bound | NotEstimable:
    """Bound for a part of the study with exactly one pair; other parts have no bound."""
    if len(bounds) == 1:
        return bounds[0]
    if not bounds:
        return NotEstimable("No pair was different, so there is nothing to compare with.")
    return NotEstimable(
        "Each pair has its own bound; a bound over all pairs would not be valid for any of them."
    )


def heard_by_at_most(
    n_right: int, n_trials: Sequence[int], chance: float, hears: float = HEARS, level: float = LEVEL
) -> float:
    """Upper bound of the share of listeners who hear a difference.

    Parameters
    ----------
    n_right
        Total number of right answers of all listeners.
    n_trials
        Number of trials of each listener.
    chance
        Probability of a right answer by guessing.
    hears
        A listener is said to hear the difference if the listener recognises it in at least this
        share of the trials.
    level
        Confidence of the bound.

    Returns
    -------
    float
        Bound between 0 and 1; 0 if there are so few right answers that a group who only guesses
        would usually have more.

    Raises
    ------
    ValueError
        `hears` is 0, negative or above 1, or the number of right answers exceeds the number of
        trials.
    """
    if not 0 < hears <= 1:
        raise ValueError(
            "The share of occasions on which a listener hears the difference must be "
            f"above 0, not {hears:g}."
        )
    if not 0 <= n_right <= sum(n_trials):
        raise ValueError("The number of right answers must be between 0 and the number of trials.")

    def beyond(share: float) -> float:
        return float(right_of_some(n_trials, chance, hears, share)[: n_right + 1].sum()) - (
            1 - level
        )

    if beyond(0.0) <= 0:
        return 0.0
    if beyond(1.0) >= 0:
        return 1.0
    return float(brentq(beyond, 0.0, 1.0, xtol=1e-10))


def right_of_some(n_trials: Sequence[int], chance: float, hears: float, share: float) -> Floats:
    """Probability of each total of right answers, if a given share of the listeners hears.

    The other arguments are those of :func:`heard_by_at_most`.
    """
    heard = chance + (1 - chance) * hears
    total = np.ones(1)
    sizes, counts = np.unique(np.asarray(n_trials, dtype=int), return_counts=True)
    if (n_all := int(np.sum(n_trials))) > _MANY:
        transform = np.ones((n_all + 1) // 2 + 1, dtype=complex)
        for n, count in zip(sizes, counts, strict=True):
            own = _of_one(int(n), chance, heard, share)
            transform *= np.fft.rfft(own, n_all + 1) ** count
        return np.asarray(np.maximum(np.fft.irfft(transform, n_all + 1), 0.0))
    for n, count in zip(sizes, counts, strict=True):
        own = _of_one(int(n), chance, heard, share)
        for _ in range(int(count)):
            total = np.convolve(total, own)
    return np.asarray(total, dtype=float)


def _of_one(n: int, chance: float, heard: float, share: float) -> Floats:
    """Probability that a random listener gives 0, 1, … n right answers."""
    k = np.arange(n + 1)
    own = share * stats.binom.pmf(k, n, heard) + (1 - share) * stats.binom.pmf(k, n, chance)
    return np.asarray(own, dtype=float)


def power_to_bound(
    n_listeners: int, n_trials: int, chance: float, most: float, hears: float = HEARS,
    level: float = LEVEL,
) -> float:  # fmt: skip
    """Power to show a low bound of the share who hear, if in reality nobody hears the difference.

    Parameters
    ----------
    n_listeners, n_trials
        Size of the study: number of listeners, and number of trials per listener.
    chance, hears, level
        As :func:`heard_by_at_most`.
    most
        A share of listeners; the bound must be below it.
    """
    trials = [n_trials] * n_listeners
    few = np.cumsum(right_of_some(trials, chance, hears, most)) <= 1 - level
    nobody = right_of_some(trials, chance, hears, 0.0)
    return float(nobody[few].sum())


def power_to_hear(
    n_listeners: int, n_trials: int, chance: float, share: float, hears: float = HEARS,
    alpha: float = 0.05,
) -> float:  # fmt: skip
    """Power of the exact binomial test, if a given share of the listeners hears the difference.

    Parameters
    ----------
    n_listeners, n_trials
        Size of the study: number of listeners, and number of trials per listener.
    chance, hears
        As :func:`heard_by_at_most`.
    share
        Share of the listeners who hear the difference.
    alpha
        One-sided level.
    """
    n = n_listeners * n_trials
    least = int(stats.binom.isf(alpha, n, chance)) + 1
    some = right_of_some([n_trials] * n_listeners, chance, hears, share)
    return float(some[least:].sum())
