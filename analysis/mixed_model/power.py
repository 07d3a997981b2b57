"""Power for a study size, from variance components: by a formula and by simulation.

**Conventions.** A balanced study has n participants, S songs and k systems. Each participant rates
s songs (if nothing else is stated, all songs: s = S). Three variances (in points^2) matter:
participant:system (ps), song:system (ss) and residual (e). In a difference of systems, all other
variances cancel (nearly, if s < S).

    Var(a - b) = 2 (phi_ps / n + phi_ss / S + phi_e / (n s))

More participants do not reduce the term 2 phi_ss / S. It is therefore better to increase the number
of songs than the number of participants.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import optimize, special

from analysis.defaults import DEFAULT_DIFFERENCE
from analysis.findings.checks import Power, PowerAtSize
from analysis.scale import SCALE

DEFAULT_VARIANCE = {
    "participant": 105.0,
    "song": 5.0,
    "participant:system": 76.0,
    "song:system": 85.0,
    "participant:song": 34.0,
    "residual": 220.0,
}
"""Variances in points^2 from one real codec test with reference and anchor.

The variance song:system is probably high.
"""

WANTED_POWER = 0.8
ALPHA = 0.05
MOST_PARTICIPANTS = 500
GRID_PARTICIPANTS = (4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 120)
GRID_SONGS = (4, 6, 8, 10, 15, 20, 30)


def difference_se(
    variance: Mapping[str, float], n: int, n_songs: int, n_own: float | None = None
) -> float:
    """Standard error of a difference between two systems, in points.

    Parameters
    ----------
    variance
        Variance of each component, in points^2; a component that is missing counts as zero.
    n, n_songs
        Numbers of participants, songs and systems.
    n_own
        Average number of songs that a participant rates; None: all songs.

    Returns
    -------
    float
        Standard error; the formula is in the text of the module.
    """
    ps, ss, e = _parts(variance)
    return float(np.sqrt(2 * (ps / n + ss / n_songs + e / (n * (n_own or n_songs)))))


def _parts(variance: Mapping[str, float]) -> tuple[float, float, float]:
    ps, ss = (float(variance.get(key, 0.0)) for key in ("participant:system", "song:system"))
    # The variance of single stimuli (participant:song:system) is added to the residual variance,
    # although replicates do not reduce it.
    e = float(variance["residual"]) + float(variance.get("participant:song:system", 0.0))
    return ps, ss, e


def difference_df(
    variance: Mapping[str, float], n: int, n_songs: int, k: int, n_own: float | None = None
) -> float:
    """Satterthwaite's degrees of freedom for the standard error of a difference.

    Notes
    -----
    The variance is 2 (MS_ps + MS_ss - MS_e) / (n s); each mean square has its own df.
    """
    ps, ss, e = _parts(variance)
    own = n_own or n_songs
    squares = (e + own * ps, e + n * own / n_songs * ss, -e)
    rest = max(1.0, n * own - n - n_songs + 1)
    df = ((n - 1) * (k - 1), (n_songs - 1) * (k - 1), rest * (k - 1))
    return sum(squares) ** 2 / sum(s**2 / d for s, d in zip(squares, df, strict=True))


def power_of_difference(difference: float, se: float, df: float, alpha: float = ALPHA) -> float:
    """Power of a two-sided t test, for a given true difference."""
    # functions of scipy.special are twenty times as fast as the same functions of scipy.stats
    limit = float(special.stdtrit(df, 1 - alpha / 2))
    shift = abs(difference) / se
    if shift > 30 + limit:  # SciPy's noncentral t is inaccurate for shifts this large
        return 1.0
    # The far tail of the distribution is added only for small shifts. For large shifts the far tail
    # is negligible and cannot be computed reliably.
    other = float(special.nctdtr(df, shift, -limit)) if shift < 3 else 0.0
    return 1.0 - float(special.nctdtr(df, shift, limit)) + other


def power_of_one_sided(distance: float, se: float, df: float, alpha: float) -> float:
    """Power of a one-sided t test; the true value is at a given distance beyond the margin."""
    limit = float(special.stdtrit(df, 1 - alpha))
    shift = distance / se
    return 1.0 if shift > 30 + limit else 1.0 - float(special.nctdtr(df, shift, limit))


def detectable_difference(
    se: float, df: float, power: float = WANTED_POWER, alpha: float = ALPHA
) -> float:
    """Smallest true difference, in points, that this study finds with the required power."""
    high = se
    while power_of_difference(high, se, df, alpha) < power:
        high *= 2
    found = optimize.brentq(lambda d: power_of_difference(d, se, df, alpha) - power, 0.0, high)
    return float(found)


def power_of_equivalence(margin: float, se: float, df: float, alpha: float = ALPHA) -> float:
    """Probability that two equal systems pass the equivalence test."""
    limit = float(special.stdtrit(df, 1 - alpha))
    return max(0.0, 2 * float(special.stdtr(df, margin / se - limit)) - 1)


def participants_for_equivalence(
    variance: Mapping[str, float], n_songs: int, k: int, margin: float, n_own: float | None = None
) -> int | None:
    """Smallest number of participants for 80 % power with equal systems; None if above 500."""
    for n in range(2, MOST_PARTICIPANTS + 1):
        se = difference_se(variance, n, n_songs, n_own)
        df = difference_df(variance, n, n_songs, k, n_own)
        if power_of_equivalence(margin, se, df) >= WANTED_POWER:
            return n
    return None


def power_section(
    variance: Mapping[str, float],
    n: int,
    n_songs: int,
    k: int,
    margin: float,
    difference: float = SCALE.points(DEFAULT_DIFFERENCE),
    n_own: float | None = None,
) -> Power:
    """Section `power` of the findings, computed from the fitted variances (see docs/results.md).

    Parameters
    ----------
    variance
        Variance of each component in the fitted model, in points^2.
    n, n_songs, k
        Numbers of participants, songs and systems.
    margin
        Equivalence margin in points.
    difference
        True difference, in points; the grid contains the `power` to find it.
    n_own
        Average number of songs that a participant rates; None: all songs.
    """
    se = difference_se(variance, n, n_songs, n_own)
    df = difference_df(variance, n, n_songs, k, n_own)
    grid = [
        _at_size(variance, people, songs, k, min(songs, n_own or songs), difference)
        for songs in sorted({*GRID_SONGS, n_songs})
        for people in sorted({*GRID_PARTICIPANTS, n})
        if songs > 1 and people > 1
    ]
    return Power(
        source="fitted",
        variance=variance,
        n_participants=n,
        n_songs=n_songs,
        n_songs_each=n_own or n_songs,
        se=se,
        df=df,
        detectable_difference=detectable_difference(se, df),
        floor=float(np.sqrt(2 * _parts(variance)[1] / n_songs)),
        difference=difference,
        grid=grid,
        margin=margin,
        n_for_equivalence=participants_for_equivalence(variance, n_songs, k, margin, n_own),
    )


def _at_size(
    variance: Mapping[str, float], n: int, n_songs: int, k: int, n_own: float, difference: float
) -> PowerAtSize:
    se = difference_se(variance, n, n_songs, n_own)
    df = difference_df(variance, n, n_songs, k, n_own)
    power = power_of_difference(difference, se, df)
    return PowerAtSize(n, n_songs, se, detectable_difference(se, df), power)


def simulated_ratings(
    variance: Mapping[str, float], means: Mapping[str, float], n: int, n_songs: int, seed: int
) -> pd.DataFrame:
    """Random ratings from the mixed model; they are not rounded and can be outside the scale.

    Parameters
    ----------
    variance
        Variance of each component, in points^2.
    means
        True mean of each system, in points.
    n, n_songs
        Numbers of participants, songs and systems.
    seed
        Of the draw.

    Returns
    -------
    DataFrame
        Columns of a table of ratings; the attribute is "simulated".
    """
    rng = np.random.default_rng(seed)
    k = len(means)
    sd = {name: float(np.sqrt(value)) for name, value in variance.items()}
    shapes = {
        "participant": (n, 1, 1), "song": (1, n_songs, 1), "participant:system": (n, 1, k),
        "song:system": (1, n_songs, k), "participant:song": (n, n_songs, 1),
        "residual": (n, n_songs, k),
    }  # fmt: skip
    y = np.array(list(means.values()), dtype=float) + np.zeros((n, n_songs, k))
    for name, shape in shapes.items():
        y = y + rng.normal(0.0, 1.0, shape) * sd.get(name, 0.0)
    index = pd.MultiIndex.from_product(
        [[f"P{i:04}" for i in range(n)], [f"S{i:03}" for i in range(n_songs)], list(means)],
        names=["participant", "song", "system"],
    )
    return index.to_frame(index=False).assign(group="all", attribute="simulated", rating=y.ravel())
