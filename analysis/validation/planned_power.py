"""Check of the planned power: planned studies are simulated, by model, scale and claim.

**Conventions.** The conventions are those of `analysis.validation.planned_studies`. The planner
uses the variances that the linear mixed model estimates from a pilot of simulated ratings, with a
thousand listeners and songs. If ratings are not cut off at the ends of the scale, the planner uses
the true values. In each study, the first and the last system differ by the planned difference; the
two systems in the middle are equal. The shares of `lmm` and `lmm_unequal` come from mean squares.
The shares of `ordinal` come from fits. `lmm` is applied to the studies of `ordinal`, and to many
more studies, which make its own shares very precise. `lmm` serves as a control variate, so that a
few hundred fits of `ordinal` are as precise as thousands.

`python -m analysis.validation.planned_power [n_draws] [n_fits]` prints planned and simulated
shares, a table of docs/validation.md.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from analysis.defaults import PrimaryModel
from analysis.methods.planned import RatingsToCome
from analysis.mixed_model.cumulative.inference import OnScale
from analysis.mixed_model.power import power_of_difference
from analysis.planning.arms import in_one_system, over_all_systems
from analysis.planning.believed import planned_model
from analysis.planning.claims import claim_to_show
from analysis.planning.grid import Size, at_size
from analysis.scale import SCALE, Scale, with_scale
from analysis.statistics.equivalence import ALPHA
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.one_sided import ONE_SIDED_ALPHA, Claim, one_sided_test
from analysis.validation.looks import of_mean_squares
from analysis.validation.monte_carlo import rating_table
from analysis.validation.planned_studies import (
    PlannedStudy,
    believed,
    latent_difference,
    mean_squares,
    rated,
)
from analysis.validation.primary_models import primary_models

Floats = NDArray[np.float64]

CLAIMS = ("difference", "equivalence", "non-inferiority", "superiority")
SUPERIOR_BY = 0.02
"""Margin of superiority, as a share of the range."""
N_LINEAR = 8000
"""Number of studies from which the shares of `lmm` are known, to correct those of `ordinal`."""

MOS, COMPARISON = Scale(1, 5, 1), Scale(-3, 3, 1)
PLANNED = {
    one.name: one
    for one in (
        PlannedStudy("L1", "0 to 100, no ends", is_cut=False),
        PlannedStudy("L2", "1 to 5 in whole steps", scale=MOS, level=0.6),
        PlannedStudy("L3", "−3 to 3 in whole steps", scale=COMPARISON),
        PlannedStudy(
            "U1", "0 to 100, no ends, one of five systems quieter", "lmm_unequal", is_cut=False,
            noise=(0.20, 0.20, 0.20, 0.10, 0.20), difference=0.10, margin=0.10,
        ),
        PlannedStudy("O1", "1 to 5 in whole steps", "ordinal", MOS, 16, 6, 0.10, 0.10),
        PlannedStudy("O2", "0 to 100 near the upper end", "ordinal", SCALE, 16, 6, 0.08, 0.08, 0.8),
    )
}  # fmt: skip


def planned_shares(study: PlannedStudy, seed: int = 1) -> dict[str, float]:
    """Planned power of a study for each claim."""
    scale = study.scale
    spreads = {f"s{j}": sd * scale.range for j, sd in enumerate(study.noise)}
    unequal = spreads if study.model == "lmm_unequal" else {}
    level = scale.at(study.level)
    given = RatingsToCome(believed(study), study.k, scale, level, unequal)
    model = planned_model(study.model, given)
    size = Size(study.n, study.n_songs, study.n_songs, model.n_systems)
    difference, margin = scale.points(study.difference), scale.points(study.margin)
    at = at_size(size, model, difference, margin, seed, 40_000)
    superior = scale.points(SUPERIOR_BY)
    claims = (
        claim_to_show(Claim.NON_INFERIORITY, margin, difference, ONE_SIDED_ALPHA),
        claim_to_show(Claim.SUPERIORITY, superior, difference - superior, ONE_SIDED_ALPHA),
    )
    shares = (
        at.power,
        at.power_equivalence,
        *(one.power(model, size.precision(model)) for one in claims),
    )
    return dict(zip(CLAIMS, shares, strict=True))


@dataclass(frozen=True)
class Told:
    """Result of an analysis of two systems, in points; p of the difference and p of equivalence."""

    estimate: float
    se: float
    df: float
    p: float
    tost_p: float

    @classmethod
    def of(cls, estimate: float, se: float, df: float, margin: float) -> "Told":
        """From a t test."""
        p = float(2 * stats.t.sf(abs(estimate / se), df))
        return cls(estimate, se, df, p, float(stats.t.sf((margin - abs(estimate)) / se, df)))


def simulated_shares(study: PlannedStudy, n_draws: int, seed: int = 1) -> dict[str, float]:
    """For each claim, the share of simulated studies that show it.

    Parameters
    ----------
    study
        The true values of the simulation, and the analysis that is applied to the ratings.
    n_draws, seed
        Number of studies, and the seed of the first study.
    """
    shown = _shown(study, n_draws, seed)
    known = np.isfinite(shown).all(axis=1)
    shares = shown[known].mean(axis=0)
    if study.model == "ordinal":
        linear = _shown(study, max(N_LINEAR, n_draws), seed, "lmm")
        luck = linear[:n_draws][known].mean(axis=0) - linear.mean(axis=0)
        shares -= _slopes(shown[known], linear[:n_draws][known]) * luck
    return dict(zip(CLAIMS, map(float, shares), strict=True))


def _slopes(shown: Floats, linear: Floats) -> Floats:
    """Slope of each claim on the linear model's claim; 0 if the latter never varies."""
    apart = linear - linear.mean(axis=0)
    spread = np.sum(apart**2, axis=0)
    return np.asarray(np.sum(apart * shown, axis=0) / np.maximum(spread, 1e-12))


def _shown(
    study: PlannedStudy, n_draws: int, seed: int, model: PrimaryModel | None = None
) -> Floats:
    """Whether each study shows each claim, by its own model or another one; NaN if not fitted."""
    shift = latent_difference(study) / 2
    shifts = [shift, *[0.0] * (study.k - 2), -shift]
    margin, superior = study.scale.points(study.margin), study.scale.points(SUPERIOR_BY)
    found = np.full((n_draws, len(CLAIMS)), np.nan)
    for draw in range(n_draws):
        y = rated(study, shifts, study.n, study.n_songs, seed + draw)
        try:
            apart, equal = analysed(study, y, margin, model or study.model)
        except NotEstimableError:
            continue
        not_less = one_sided_test(equal.estimate, equal.se, equal.df, margin, Claim.NON_INFERIORITY)
        more = one_sided_test(apart.estimate, apart.se, apart.df, superior, Claim.SUPERIORITY)
        one_sided = (each.p < ONE_SIDED_ALPHA for each in (not_less, more))
        found[draw] = apart.p < ALPHA, equal.tost_p < ALPHA, *one_sided
    return found


def analysed(
    study: PlannedStudy, y: Floats, margin: float, model: PrimaryModel
) -> tuple[Told, Told]:
    """Two pairs: the first and the last system; the two systems in the middle."""
    pairs = ((0, study.k - 1), (1, 2))
    if model == "ordinal":
        return _by_fit(study, y, pairs, margin)
    apart, equal = (
        Told.of(*_by_mean_squares(y, a, b, is_alone=model == "lmm_unequal"), margin)
        for a, b in pairs
    )
    return apart, equal


def _by_mean_squares(y: Floats, a: int, b: int, is_alone: bool) -> tuple[float, float, float]:
    """Estimate, standard error and degrees of freedom; as by REML in a complete design."""
    n, s, k = y.shape
    if is_alone:
        mean, variance, df, _ = of_mean_squares(y[..., a] - y[..., b])
        return mean, float(np.sqrt(variance)), df
    square = mean_squares(y)
    of = {"ps": (n - 1) * (k - 1), "ss": (s - 1) * (k - 1)}
    rest_df = (n - 1) * (s - 1) * (k - 1)
    rest = square["residual"] * rest_df
    active = []
    for name in sorted(of, key=lambda name: square[name]):
        if square[name] <= rest / rest_df:
            rest, rest_df = rest + square[name] * of[name], rest_df + of[name]
        else:
            active.append(name)
    error, sign = rest / rest_df, 1 - len(active)
    total = sum(square[name] for name in active) + sign * error
    spread = sum(square[name] ** 2 / of[name] for name in active) + sign**2 * error**2 / rest_df
    estimate = float(y[..., a].mean() - y[..., b].mean())
    return estimate, float(np.sqrt(2 * total / (n * s))), total**2 / spread


def _by_fit(
    study: PlannedStudy, y: Floats, pairs: Sequence[tuple[int, int]], margin: float
) -> tuple[Told, Told]:
    rows = with_scale(rating_table(y), study.scale)
    tests = primary_models(rows, (study.model,), study.scale).get(study.model)
    if tests is None:
        raise NotEstimableError("The model could not be fitted.")
    told = []
    for a, b in pairs:
        one = tests.difference(f"s{a:03}", f"s{b:03}")
        assert isinstance(one, OnScale)
        told.append(Told(one.estimate, one.se, one.df, one.p, one.against(margin)[2]))
    return told[0], told[1]


def arms_planned_and_simulated(n_draws: int, seed: int = 1) -> dict[str, tuple[float, float]]:
    """Power for two arms that differ, with 20 listeners each: planned, and in simulated studies.

    Returns
    -------
    dict
        Power at the level .05 for two differences: 10 points over all systems together, and 15
        points in the first system.
    """
    study = PlannedStudy("A", "two arms", is_cut=False)
    n, s, k = study.n, study.n_songs, study.k
    far = (10.0, 15.0)
    planned = [
        power_of_difference(d, contrast.se, contrast.df)
        for d, contrast in zip(
            far,
            (over(believed(study), n, 2, s, k) for over in (over_all_systems, in_one_system)),
            strict=True,
        )
    ]
    found = [
        _arms_told_apart(study, rated(study, [0.0] * k, 2 * n, s, seed + draw), far)
        for draw in range(n_draws)
    ]
    simulated = np.mean(found, axis=0)
    names = ("over all systems together", "in one system")
    return {
        name: (float(a), float(b)) for name, a, b in zip(names, planned, simulated, strict=True)
    }


def _arms_told_apart(study: PlannedStudy, y: Floats, far: tuple[float, float]) -> tuple[bool, bool]:
    """Whether each difference is found when it is added to the first arm (first half of ``y``)."""
    n, k = study.n, study.k
    own = y.mean(axis=1).reshape(2, n, k)
    people = own.mean(axis=2)
    within = own - people[..., None] - (own.mean(axis=1) - people.mean(axis=1)[:, None])[:, None]
    df = 2 * (n - 1)
    between = k * float(np.sum((people - people.mean(axis=1)[:, None]) ** 2)) / df
    rest = float(np.sum(within**2)) / (df * (k - 1))
    over_all = people.mean(axis=1)[0] - people.mean(axis=1)[1] + far[0]
    first = own.mean(axis=1)[0, 0] - own.mean(axis=1)[1, 0] + far[1]
    p = stats.t.sf(abs(over_all) / np.sqrt(2 * between / (n * k)), df)
    total = between + (k - 1) * rest
    own_df = total**2 / (between**2 / df + (k - 1) * rest**2 / df)
    q = stats.t.sf(abs(first) / np.sqrt(2 * total / (n * k)), own_df)
    return bool(2 * p < ALPHA), bool(2 * q < ALPHA)


def table_of_power(n_draws: int, n_fits: int, seed: int = 1) -> str:
    """Markdown table: planned and simulated power of each study, by claim."""
    lines = ["| study | model, scale | studies | " + " | ".join(CLAIMS) + " |", "|---" * 7 + "|"]
    for study in PLANNED.values():
        n = n_fits if study.model == "ordinal" else n_draws
        planned, shown = planned_shares(study), simulated_shares(study, n, seed)
        cells = " | ".join(f"{planned[name]:.3f} / {shown[name]:.3f}" for name in CLAIMS)
        lines.append(f"| {study.name} | `{study.model}`, {study.about} | {n} | {cells} |")
    for name, (planned_one, shown_one) in arms_planned_and_simulated(n_draws, seed).items():
        cell = f"{planned_one:.3f} / {shown_one:.3f}"
        lines.append(f"| A | two arms, {name} | {n_draws} | {cell} | – | – | – |")
    return "\n".join(lines)


if __name__ == "__main__":
    wanted = [int(value) for value in sys.argv[1:]]
    n_draws, n_fits = [*wanted, *(4000, 400)[len(wanted) :]]
    sys.stdout.write(f"{table_of_power(n_draws, n_fits)}\n")
