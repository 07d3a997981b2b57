"""Power for a grid of study sizes (listeners and songs), computed from simulated answers.

**Conventions.** Each of n participants rates s of S songs, in the mixes of k systems. The variances
in points^2 are the variances of participant:system (ps), of song:system (ss) and of the residual
(e), as in :mod:`analysis.mixed_model.power`:

    Var(a - b) = 2 (phi_ps / n + phi_ss / S + phi_e / (n s))

The estimate of Var(a - b) from mean squares is 2 (MS_ps + MS_ss - MS_e) / (n s). If a study is
balanced (s = S), the mean squares are independent multiples of chi-squares. A few random numbers
are therefore enough to simulate a study, with its estimated standard error and Satterthwaite's
degrees of freedom. If a variance component is negative, it is dropped and its mean square is
pooled, as in REML. If s < S, the simulation from mean squares is only an approximation.

The primary model makes a :class:`analysis.methods.planned.PlannedModel` from the variances and the
number of systems. The planned model has the variances, the systems and the unit of the primary
model. Differences and margins are converted to the unit of the primary model.

In reading order: `Size`, `simulated_shares`, `planning_grid`, `at_size`, `fewest`. The module
:mod:`analysis.planning.advice` draws conclusions from the grid.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from scipy import special, stats

from analysis.methods.planned import PlannedModel
from analysis.mixed_model.power import (
    ALPHA,
    GRID_PARTICIPANTS,
    GRID_SONGS,
    WANTED_POWER,
    detectable_difference,
)

COMPONENTS = ("participant:system", "song:system", "residual")


@dataclass(frozen=True, slots=True)
class Chances:
    """Power of a study of a given size; effects in points; NaN if it is too small.

    ``detectable_difference`` is the difference that the study finds with 80 % power.
    """

    n_participants: int
    n_songs: int
    n_songs_each: int
    se: float
    detectable_difference: float
    power: float
    power_equivalence: float


@dataclass(frozen=True, slots=True)
class Precision:
    """Precision of a difference, in the model's unit: standard error and degrees of freedom.

    `told` is the standard error in the report, divided by the true standard error.
    """

    se: float
    df: float
    told: float = 1.0

    def level(self, alpha: float) -> float:
        """True level of a one-sided test at nominal `alpha`, with the model's standard error."""
        limit = float(special.stdtrit(self.df, 1 - alpha))
        return float(special.stdtr(self.df, -self.told * limit))


@dataclass(frozen=True, slots=True)
class Size:
    """Size of a study: numbers of participants, songs, songs per participant, and systems."""

    n: int
    n_songs: int
    n_own: int
    k: int

    def df(self) -> tuple[int, int, int]:
        """Degrees of freedom of the mean squares of ps, ss and e; for e, possibly 0 or negative."""
        rest = self.n * self.n_own - self.n - self.n_songs + 1
        return tuple((self.k - 1) * m for m in (self.n - 1, self.n_songs - 1, rest))  # type: ignore[return-value]

    def can_be_analysed(self) -> bool:
        """Whether each song has at least two participants, and some degrees of freedom are left."""
        return min(self.df()) >= 1 and self.n * self.n_own >= 2 * self.n_songs

    def mean_squares(self, variance: Mapping[str, float]) -> tuple[float, float, float]:
        """Expected mean squares of ps, ss and e, in points^2."""
        ps, ss, e = components(variance)
        return e + self.n_own * ps, e + self.n * self.n_own / self.n_songs * ss, e

    def se(self, variance: Mapping[str, float]) -> float:
        """Standard error of a difference between two systems, in points."""
        ps, ss, e = components(variance)
        each = ps / self.n + ss / self.n_songs + e / (self.n * self.n_own)
        return float(np.sqrt(2 * each))

    def satterthwaite(self, variance: Mapping[str, float]) -> float:
        """Degrees of freedom of the standard error of a difference."""
        ps, ss, e = self.mean_squares(variance)
        signed = zip((ps, ss, -e), self.df(), strict=True)
        return float((ps + ss - e) ** 2 / sum(square**2 / max(1, df) for square, df in signed))

    def precision(self, model: PlannedModel) -> Precision:
        """Precision of a difference between two systems, by the model, in a study of this size."""
        return Precision(self.se(model.variance), self.satterthwaite(model.variance), model.told)


def components(variance: Mapping[str, float]) -> tuple[float, float, float]:
    """Variances of participant:system, of song:system and of the residual, in points^2."""
    ps, ss, e = (float(variance.get(name, 0.0)) for name in COMPONENTS)
    return ps, ss, e + float(variance.get("participant:song:system", 0.0))


def simulated_shares(
    size: Size,
    variance: Mapping[str, float],
    difference: float,
    margin: float,
    rng: np.random.Generator,
    n_draws: int,
    alpha: float = ALPHA,
    told: float = 1.0,
) -> tuple[float, float]:
    """Share of simulated studies that find a true difference; share that show equivalence.

    Parameters
    ----------
    size, variance
        Size of the study; the numbers are explained in the text of the module.
    difference
        True difference of two systems, in points, for the first share. For the second share, the
        true difference is 0.
    margin
        Equivalence margin in points.
    rng, n_draws
        Random generator; number of studies to simulate.
    alpha
        Level of the two-sided test of a pair; level of each of the two one-sided tests of
        equivalence.
    told
        Standard error in the report of the model, divided by the true standard error.

    Returns
    -------
    tuple
        Power of the t test of a pair, and power of the equivalence test; NaN if the study is too
        small to be analysed.
    """
    df = size.df()
    if not size.can_be_analysed():
        return float("nan"), float("nan")
    expected = size.mean_squares(variance)
    squares = [m * rng.chisquare(d, n_draws) / d for m, d in zip(expected, df, strict=True)]
    total, own_df = _estimated(squares, df)
    se = told * np.sqrt(2 * total / (size.n * size.n_own))
    error = rng.normal(0.0, size.se(variance), n_draws)
    found = np.abs(difference + error) > stats.t.ppf(1 - alpha / 2, own_df) * se
    equal = np.abs(error) + stats.t.ppf(1 - alpha, own_df) * se < margin
    return float(found.mean()), float(equal.mean())


def _estimated(
    squares: Sequence[np.ndarray], df: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return MS_ps + MS_ss - MS_e and its df; if a component is negative, it is pooled with e."""
    ps, ss, e = squares
    total = ps + ss - e
    own = total**2 / (ps**2 / df[0] + ss**2 / df[1] + e**2 / df[2])
    with_ps = (ps * df[0] + e * df[2]) / (df[0] + df[2])
    with_ss = (ss * df[1] + e * df[2]) / (df[1] + df[2])
    with_both = (ps * df[0] + ss * df[1] + e * df[2]) / sum(df)
    none = ((ps < e) & (ss < with_ps)) | ((ss < e) & (ps < with_ss))
    cases = [none, ps < e, ss < e]
    return (
        np.select(cases, [with_both, ss, ps], total),
        np.select(cases, [np.full_like(e, sum(df)), np.full_like(e, df[1]), np.full_like(e, df[0])],
                  own),
    )  # fmt: skip


def planning_grid(
    model: PlannedModel,
    n_own: int | None,
    difference: float,
    margin: float,
    seed: int,
    also: tuple[int, ...] = (),
    n_draws: int = 4000,
    on_progress: Callable[[float], None] = lambda _share: None,
    alpha: float = ALPHA,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Power for a grid of study sizes: numbers of participants and of songs.

    Parameters
    ----------
    model
        From `planned_model`.
    n_own
        How many songs a participant rates at most; None: all songs.
    difference, margin
        In points.
    seed, n_draws
        Seed for the simulated studies in each cell of the grid.
    also
        Numbers of songs that are added to the grid, for example that of the study.
    on_progress
        Function that is called with the completed share of the work, from 0 to 1.
    alpha
        Level of the test of one pair.
    executor
        Executor that runs the simulations; None: they run one after the other in this process.

    Returns
    -------
    DataFrame
        Columns n_participants, n_songs, n_songs_each, se, detectable_difference (80 % power),
        power, power_equivalence.
    """
    songs = sorted({*GRID_SONGS, *(number for number in also if number > 1)})
    sizes = [
        Size(people, count, min(count, n_own or count), model.n_systems)
        for count in songs
        for people in GRID_PARTICIPANTS
    ]
    work = partial(
        at_size, model=model, difference=difference, margin=margin, seed=seed,
        n_draws=n_draws, alpha=alpha,
    )  # fmt: skip
    rows: list[Chances] = []
    for row in (executor.map if executor else map)(work, sizes):
        rows.append(row)
        on_progress(len(rows) / len(sizes))
    return pd.DataFrame(rows)


def at_size(
    size: Size,
    model: PlannedModel,
    difference: float,
    margin: float,
    seed: int,
    n_draws: int,
    alpha: float = ALPHA,
) -> Chances:
    """One row of :func:`planning_grid`: the power of a study of one size."""
    rng = np.random.default_rng([seed, size.n, size.n_songs])
    size = replace(size, k=model.n_systems)
    far, within = model.from_points(difference), model.from_points(margin)
    at = size.precision(model)
    wanted = (far, within, rng, n_draws, alpha, at.told)
    power, equal = simulated_shares(size, model.variance, *wanted)
    smallest = float("nan")
    if size.can_be_analysed():
        two_sided = 2 * at.level(alpha / 2)
        smallest = model.to_points(detectable_difference(at.se, at.df, alpha=two_sided))
    of_points = (model.to_points(at.se), smallest)
    return Chances(size.n, size.n_songs, size.n_own, *of_points, power, equal)


def fewest(power_at: Callable[[int], float], low: int, high: int) -> int | None:
    """Smallest number with 80 % power, found by bisection; None if the limit's power is too low."""
    if power_at(high) < WANTED_POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= WANTED_POWER else (middle + 1, high)
    return low
