"""Error rates of claims without a p-value: strong Bayes factors, and equivalence.

**Conventions.** The conventions are those of `analysis.validation.monte_carlo`. Pairs, Bayes
factors and verdicts are taken from the mixed model. `python -m analysis.validation.claims
[n_draws]` prints the table of docs/validation.md.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from analysis.defaults import DEFAULT_MARGIN
from analysis.methods.lmm import fit_default
from analysis.methods.model_rows import unit_of
from analysis.mixed_model.inference import Inference
from analysis.scale import SCALE
from analysis.statistics.equivalence import jzs_bayes_factor
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.threads import one_blas_thread
from analysis.validation.monte_carlo import ALPHA, SCENARIOS, Scenario, rating_table, simulate

Floats = NDArray[np.float64]

STRONG = 10.0
MARGIN = SCALE.points(DEFAULT_MARGIN)

AT_MARGIN = Scenario(
    "Q", "two pairs of systems, a margin apart", n=40, n_songs=12, means=(52.5, 52.5, 47.5, 47.5),
    listener_system=0.2, song_system=0.05,
)  # fmt: skip
"""Four of six pairs differ by the margin: calling one of them equivalent is false.

The study is large enough that a test at .05 of each pair alone would do so in every sixth study.
"""


def strong_for_no_difference(scenario: Scenario, n_draws: int, seed: int) -> dict[str, float]:
    """How often Bayes factors BF10 are above 10, although the systems do not differ.

    Parameters
    ----------
    scenario
        Without any difference.
    n_draws, seed
        As `analysis.validation.monte_carlo.rejection_rates`.

    Returns
    -------
    dict
        Share of pairs whose BF10 is above 10; share of studies that have at least one such pair.
    """
    found = np.array([_bayes_factors(scenario, seed + draw) > STRONG for draw in range(n_draws)])
    return {
        "BF10 > 10, pairs": float(found.mean()),
        "BF10 > 10, studies": float(found.any(axis=1).mean()),
    }


def _bayes_factors(scenario: Scenario, seed: int) -> Floats:
    with one_blas_thread():
        model = fit_default(rating_table(simulate(scenario, seed))).model
        found = Inference(model).all_differences()
    return jzs_bayes_factor(found.t, (unit_of(model) / found.se) ** 2, df=found.df)


def false_equivalence(n_draws: int, seed: int) -> dict[str, float]:
    """How often a pair is called equivalent, although its difference is as large as the margin.

    Parameters
    ----------
    n_draws, seed
        As `analysis.validation.monte_carlo.rejection_rates`.

    Returns
    -------
    dict
        Share of studies in which a pair whose difference equals the margin is called equivalent;
        computed in two ways. One share uses p adjusted by Holm, as the report does; the other share
        uses p without adjustment. In addition, the power for pairs without a difference is given.
    """
    scenario = AT_MARGIN
    told = []
    for draw in range(n_draws):
        with one_blas_thread():
            table = rating_table(simulate(scenario, seed + draw))
            equal = Inference(fit_default(table).model).all_differences().within(MARGIN)
        told.append([np.array(adjusted(equal.p)) < ALPHA, equal.p < ALPHA])
    shown = np.array(told)
    at_margin = [1, 2, 3, 4]  # of the pairs 01 02 03 12 13 23
    by_study = shown[:, :, at_margin].any(axis=2).mean(axis=0)
    return {
        "falsely equivalent, studies (Holm)": float(by_study[0]),
        "falsely equivalent, studies (each p)": float(by_study[1]),
        "truly equivalent, pairs (Holm)": float(shown[:, 0][:, [0, 5]].mean()),
    }


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rates = strong_for_no_difference(SCENARIOS["N1"], n, 1) | false_equivalence(n, 1)
    sys.stdout.write("".join(f"| {name} | {rate:.4f} |\n" for name, rate in rates.items()))
