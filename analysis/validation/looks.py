"""False positives if ratings are tested before the end of a study.

Studies in which nothing differs are simulated as in `analysis.validation.monte_carlo`. In each
study, the ratings are tested at ten looks. `python -m analysis.validation.looks [n_draws]` prints
the tables of docs/validation.md. A false finding is a contrast that is called different at one or
more looks. In a complete design, mean squares of the differences between two systems give the same
result as the mixed model. Thousands of studies can therefore be tested without fitting the model.
For comparison, the mixed model is also fitted, but to a tenth as many studies.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.defaults import SATTERTHWAITE
from analysis.mixed_model.satterthwaite import Contrast
from analysis.sequential.anytime import LEAST_N, anytime_p
from analysis.sequential.boundaries import boundaries
from analysis.sequential.declared_looks import Estimate, FittedLook, fitted_looks, judged
from analysis.sequential.plan import ALPHA, SequentialPlan
from analysis.sequential.spending import SPENDING_NAMES, spent
from analysis.validation.monte_carlo import SCENARIOS, Scenario, markdown, rating_table, simulate

Floats = NDArray[np.float64]
Draw = Callable[[int], dict[str, bool]]

TEN_LOOKS = tuple(range(6, 43, 4))
PAIRS = tuple(combinations([f"s{j:03}" for j in range(4)], 2))


def looks_by_mean_squares(differences: Floats, sizes: tuple[int, ...]) -> list[FittedLook]:
    """Result of the mixed model for two systems in a complete design, computed from mean squares.

    A negative variance is set to zero, and its mean square is pooled, as in REML.

    Parameters
    ----------
    differences
        Differences, shape (n_listeners, n_songs), in points.
    sizes
        Number of listeners at each look.
    """
    looks = []
    for place, size in enumerate(sizes):
        mean, variance, df, floor = of_mean_squares(differences[:size])
        t = mean / np.sqrt(variance)
        found = Contrast(mean, np.sqrt(variance), df, t, float(2 * stats.t.sf(abs(t), df)))
        information = [
            1 / (floor + (variance - floor) * size / each) for each in sizes[: place + 1]
        ]
        looks.append(FittedLook(size, str(size), (Estimate(found, tuple(information)),)))
    return looks


def of_mean_squares(d: Floats) -> tuple[float, float, float, float]:
    """Mean; its variance and degrees of freedom; the part of the variance that songs cause.

    Parameters
    ----------
    d
        Differences of two systems, shape (n_listeners, n_songs).
    """
    n, s = d.shape
    mean = float(d.mean())
    squares = [
        s * float(((d.mean(axis=1) - mean) ** 2).sum()),
        n * float(((d.mean(axis=0) - mean) ** 2).sum()),
    ]
    df = [n - 1, s - 1]
    rest, rest_df = float(((d - mean) ** 2).sum()) - sum(squares), (n - 1) * (s - 1)
    active = []
    for k in sorted((0, 1), key=lambda k: squares[k] / df[k]):
        if squares[k] / df[k] <= rest / rest_df:
            rest, rest_df = rest + squares[k], rest_df + df[k]
        else:
            active.append(k)
    error = rest / rest_df
    total = sum(squares[k] / df[k] for k in active) - (len(active) - 1) * error
    spread = sum((squares[k] / df[k]) ** 2 / df[k] for k in active)
    spread += (len(active) - 1) ** 2 * error**2 / rest_df
    floor = (squares[1] / df[1] - error) / (n * s) if 1 in active else 0.0
    return mean, total / (n * s), total**2 / spread, floor


def false_findings(scenario: Scenario, seed: int) -> dict[str, bool]:
    """Whether one of ten looks finds a difference, for each way of looking (by its name)."""
    ratings = simulate(replace(scenario, n=TEN_LOOKS[-1]), seed)
    looks = looks_by_mean_squares(ratings[..., 0] - ratings[..., -1], TEN_LOOKS)
    estimates = [each.estimates[0] for each in looks]
    p_values = np.array([each.found.p for each in estimates])
    found = {"p < .05 at one of ten looks": bool(p_values.min() < ALPHA)}
    for key, name in SPENDING_NAMES.items():
        levels = [spent(key, ALPHA, size / TEN_LOOKS[-1]) for size in TEN_LOOKS]
        limits = boundaries(levels, [each.information for each in estimates])
        crossed = stats.norm.isf(p_values / 2) >= limits
        found[f"alpha spent as {name}"] = bool(crossed.any())
    return found


def false_findings_of_fits(scenario: Scenario, seed: int) -> dict[str, bool]:
    """Result for all six pairs of four systems; the mixed model is fitted again at each look."""
    rows = rating_table(simulate(replace(scenario, n=TEN_LOOKS[-1]), seed))
    looks = fitted_looks(rows.assign(rated_at=rows["participant"]), PAIRS, TEN_LOOKS, SATTERTHWAITE)
    found = {}
    for key, name in SPENDING_NAMES.items():
        plan = SequentialPlan(PAIRS, TEN_LOOKS, key)
        found[f"alpha spent as {name}"] = judged(looks, plan)[-1].n_shown > 0
    return found


def false_anytime_findings(scenario: Scenario, seed: int, n: int = 200) -> dict[str, bool]:
    """Whether a difference is found at any number of listeners from `LEAST_N` to n."""
    means = simulate(replace(scenario, n=n), seed).mean(axis=1)
    values = means[:, 0] - means[:, -1]
    sizes = np.arange(1, n + 1)
    mean = np.cumsum(values) / sizes
    variance = (np.cumsum(values**2) - sizes * mean**2)[LEAST_N - 1 :] / (sizes[LEAST_N - 1 :] - 1)
    t = mean[LEAST_N - 1 :] / np.sqrt(variance / sizes[LEAST_N - 1 :])
    p = np.asarray(2 * stats.t.sf(np.abs(t), sizes[LEAST_N - 1 :] - 1))
    return {
        "p < .05 of a paired t after any listener": bool(p.min() < ALPHA),
        "confidence sequence": anytime_p(values) < ALPHA,
    }


def rates(draw: Draw, n_draws: int, seed: int = 1) -> dict[str, float]:
    """For each way of looking, the share of simulated studies with a false finding."""
    table = pd.DataFrame([draw(seed + k) for k in range(n_draws)])
    return {str(name): float(share) for name, share in table.mean().items()}


def _table(draw: Callable[[Scenario, int], dict[str, bool]], names: str, n_draws: int) -> str:
    studies = {name: SCENARIOS[name] for name in names.split()}
    return markdown({name: rates(partial(draw, one), n_draws) for name, one in studies.items()})


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    sys.stdout.write(_table(false_findings, "N0 N1 N2 N3 N4", n) + "\n\n")
    sys.stdout.write(_table(false_findings_of_fits, "N0 N1", n // 10) + "\n\n")
    sys.stdout.write(_table(false_anytime_findings, "N0 N2 N3", n) + "\n")
