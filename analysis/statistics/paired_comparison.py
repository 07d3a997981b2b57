"""ABX and similar tests: the number of right answers is compared with guessing.

References
----------
.. [1] Clopper & Pearson (1934), The use of confidence or fiducial limits.
"""

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Binomial:
    """Share of right answers with exact limits; p is the one-sided test against guessing."""

    share: float
    ci_low: float
    ci_high: float
    p: float


def better_than_guessing(right: int, n: int, chance: float = 0.5, level: float = 0.95) -> Binomial:
    """Exact binomial test, for example of the answers in an ABX session.

    Parameters
    ----------
    right
        Right answers.
    n
        Number of answers, at least one.
    chance
        Probability that a guess is right.
    level
        Confidence of the two-sided limits of Clopper and Pearson.

    Returns
    -------
    Binomial
        p is the probability that somebody who guesses has at least this number of right answers.

    Raises
    ------
    ValueError
        `right` is not between 0 and n, or n is 0.
    """
    if not 0 <= right <= n or n == 0:
        raise ValueError("The number of right answers must be between 0 and the number of answers.")
    tail = (1 - level) / 2
    low = float(stats.beta.ppf(tail, right, n - right + 1)) if right > 0 else 0.0
    high = float(stats.beta.ppf(1 - tail, right + 1, n - right)) if right < n else 1.0
    return Binomial(right / n, low, high, float(stats.binom.sf(right - 1, n, chance)))
