"""Coverage of the possible primary models, if systems differ in spread and in mean.

**Conventions.** As `analysis.validation.monte_carlo`. `python -m analysis.validation.primary_models
[n_draws] [n_fits] [n_closer]` prints four tables of docs/validation.md. The first table shows
`lmm_unequal` in thousands of studies. In a complete design, its differences can be computed from
mean squares. The second table shows why the rate of `lmm_unequal` is below .05 near the upper end
of the scale. The third table shows `ordinal` in studies in which its null hypothesis is true. The
fourth table shows the fits of all models.
"""

import sys
from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import stats

from analysis.defaults import MODEL_NAMES, SATTERTHWAITE
from analysis.methods.ordinal import bands_of
from analysis.mixed_model.build import build_design
from analysis.mixed_model.cumulative.fit import fit_cumulative
from analysis.mixed_model.cumulative.inference import OnPoints
from analysis.mixed_model.fit import fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.satterthwaite import ModelTests
from analysis.mixed_model.unequal import OwnErrors, fit_unequal
from analysis.scale import SCALE, Scale
from analysis.statistics.estimable import NotEstimableError
from analysis.validation.looks import of_mean_squares
from analysis.validation.monte_carlo import (
    ALPHA,
    Floats,
    Scenario,
    markdown,
    rating_table,
    simulate,
)

UNEQUAL = {
    one.name: one
    for one in (
        Scenario("U1", "mean 50, one system noisier", noise=(1, 1, 1, 2.2), song_system=0.2),
        Scenario(
            "U2", "mean 88, one system noisier", mean=88.0, noise=(1, 1, 1, 2.2), song_system=0.2
        ),
        Scenario(
            "U3", "means 88, 80, 70, 88, one system noisier", means=(88.0, 80.0, 70.0, 88.0),
            noise=(1, 1, 1, 2.2), song_system=0.2,
        ),
        Scenario(
            "U4", "means 93, 75, 55, 93, one system noisier", means=(93.0, 75.0, 55.0, 93.0),
            noise=(1, 1, 1, 2), song_system=0.3,
        ),
        Scenario(
            "U5", "20 x 10, means 60, 90, 30, 60, one system noisier", n=20, n_songs=10,
            means=(60.0, 90.0, 30.0, 60.0), noise=(1, 1, 1, 2), song_system=0.3,
        ),
    )
}  # fmt: skip
"""Scenarios for the primary models: unequal spread, near the end of the scale, unequal means."""

ALIKE = {
    one.name: one
    for one in (
        Scenario("E2", "mean 88", mean=88.0, song_system=0.2),
        Scenario("E4", "means 93, 75, 55, 93", means=(93.0, 75.0, 55.0, 93.0), song_system=0.3),
    )
}
"""The first and the last system have the same distribution: the null hypothesis of `ordinal`."""


def coverage_by_mean_squares(scenario: Scenario, n_draws: int, seed: int) -> dict[str, float]:
    """How often 95 % intervals of `lmm_unequal` miss the true difference; computed without fits.

    Parameters
    ----------
    scenario, n_draws, seed
        As `rates_of_models`.

    Returns
    -------
    dict
        False positives for the first system against the last; coverage over all pairs; coverage of
        the pair where it is worst.
    """
    pairs = list(combinations(range(len(scenario.noise)), 2))
    missed = np.zeros((n_draws, len(pairs)))
    for draw, place in product(range(n_draws), range(len(pairs))):
        if place == 0:
            ratings = simulate(scenario, seed + draw)
        a, b = pairs[place]
        mean, variance, df, _ = of_mean_squares(ratings[..., a] - ratings[..., b])
        error = mean - (scenario.true_mean(a) - scenario.true_mean(b))
        missed[draw, place] = abs(error) > stats.t.isf(ALPHA / 2, df) * np.sqrt(variance)
    share = missed.mean(axis=0)
    return {
        "first − last": float(share[pairs.index((0, len(scenario.noise) - 1))]),
        "coverage": float(1 - share.mean()),
        "coverage of the worst pair": float(1 - share.max()),
    }


def below_level(scenario: Scenario, n_draws: int, seed: int) -> dict[str, float]:
    """False positives for the first system against the last; why the rate is below .05.

    Parameters
    ----------
    scenario, n_draws, seed
        As `rates_of_models`.

    Returns
    -------
    dict
        Three rates: with the degrees of freedom of `lmm_unequal`; with at least as many degrees of
        freedom as listeners or songs (the smaller number) minus one; and for normal differences
        with the same mean squares.
    """
    n, s = scenario.n, scenario.n_songs
    studies = (simulate(scenario, seed + draw) for draw in range(n_draws))
    d = np.array([ratings[..., 0] - ratings[..., -1] for ratings in studies])
    listeners, songs = d.mean(axis=2, keepdims=True), d.mean(axis=1, keepdims=True)
    rest = d - listeners - songs + d.mean(axis=(1, 2), keepdims=True)
    error = float((rest**2).sum(axis=(1, 2)).mean()) / ((n - 1) * (s - 1))
    spreads = [
        np.sqrt(max(float(means.var(axis=axis, ddof=1).mean()) - error / size, 0.0))
        for means, axis, size in ((listeners, 1, s), (songs, 2, n))
    ]
    rng = np.random.default_rng(seed)
    normal = rng.normal(0, np.sqrt(error), d.shape)
    normal += rng.normal(0, spreads[0], listeners.shape) + rng.normal(0, spreads[1], songs.shape)
    return {
        "first − last": _found_by_chance(d),
        "the same, degrees of freedom held": _found_by_chance(d, least_df=min(n, s) - 1),
        "normal differences": _found_by_chance(normal),
    }


def _found_by_chance(studies: Floats, least_df: float = 0.0) -> float:
    """Share of studies with p < .05; the data have the shape (n_studies, n_listeners, n_songs)."""
    mean, variance, df, _ = np.array([of_mean_squares(d) for d in studies]).T
    limit = stats.t.isf(ALPHA / 2, np.maximum(df, least_df))
    return float((abs(mean) > limit * np.sqrt(variance)).mean())


def primary_models(
    rows: pd.DataFrame, names: Sequence[str], scale: Scale = SCALE
) -> dict[str, ModelTests]:
    """Tests in points by each possible primary model; models without a fit are left out."""
    default = fit(build_design(rows))
    found: dict[str, ModelTests] = {}
    for name in names:
        try:
            if name == "lmm":
                found[name] = Inference(default, SATTERTHWAITE)
            elif name == "lmm_unequal":
                code = np.unique(rows["system"], return_inverse=True)[1].astype(np.int64)
                found[name] = OwnErrors(fit_unequal(default.design, code, default), rows)
            else:
                model = fit_cumulative(rows, bands_of(rows, scale)[1], default)
                found[name] = OnPoints(model, rows, ("system",))
        except NotEstimableError:
            pass
    return found


def rates_of_models(
    scenario: Scenario, n_draws: int, seed: int, names: Sequence[str] = tuple(MODEL_NAMES)
) -> dict[str, float]:
    """How often 95 % intervals miss the true difference.

    Parameters
    ----------
    scenario
        The true values of the simulation.
    n_draws, seed
        As `rejection_rates`.
    names
        Of the models.

    Returns
    -------
    dict
        Three values for each model: false positives for the first system against the last, if their
        means are equal ("lmm, first − last"); coverage over all pairs ("lmm, coverage"); and
        coverage of the pair where it is worst.
    """
    missed: dict[str, list[list[bool]]] = {name: [] for name in names}
    pairs = list(combinations(range(len(scenario.noise)), 2))
    for draw in range(n_draws):
        rows = rating_table(simulate(scenario, seed + draw))
        for name, tests in primary_models(rows, names).items():
            own = []
            for a, b in pairs:
                low, high = tests.difference(f"s{a:03}", f"s{b:03}").interval()
                true = scenario.true_mean(a) - scenario.true_mean(b)
                own.append(not low <= true <= high)
            missed[name].append(own)
    found: dict[str, float] = {}
    ends = pairs.index((0, len(scenario.noise) - 1))
    for name, studies in missed.items():
        share = np.mean(studies, axis=0)
        if scenario.true_mean(0) == scenario.true_mean(len(scenario.noise) - 1):
            found[f"{name}, first − last"] = float(share[ends])
        found[f"{name}, coverage"] = float(1 - share.mean())
        found[f"{name}, coverage of the worst pair"] = float(1 - share.max())
    return found


def tables_of_models(n_draws: int, n_fits: int, n_closer: int, seed: int = 1) -> str:
    """Markdown tables: `lmm_unequal` by mean squares, details of U4, `ordinal`, fits of all."""
    alone = {name: coverage_by_mean_squares(one, n_draws, seed) for name, one in UNEQUAL.items()}
    ordered = {
        name: rates_of_models(one, n_draws, seed, ("ordinal",)) for name, one in ALIKE.items()
    }
    cells = ALIKE | UNEQUAL
    fits = {name: rates_of_models(one, n_fits, seed) for name, one in cells.items()}
    closer = {"U4": below_level(UNEQUAL["U4"], n_closer, seed)}
    return "\n\n".join(map(markdown, (alone, closer, ordered, fits)))


if __name__ == "__main__":
    wanted = [int(value) for value in sys.argv[1:]]
    n_draws, n_fits, n_closer = [*wanted, *(2000, 200, 20_000)[len(wanted) :]]
    sys.stdout.write(f"{tables_of_models(n_draws, n_fits, n_closer)}\n")
