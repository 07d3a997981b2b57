"""False positives of the analysis; the true values of the simulated studies are known.

**Conventions.** Listeners and songs vary on the logit scale. Ratings are rounded to integers of
0-100. Listeners have different residual SDs. All systems have the same true mean, unless a
scenario has other means. If all true means are equal, the share of p < .05 is the rate of false
positives.

`python -m analysis.validation.monte_carlo [n_draws]` prints the table of docs/validation.md, and a
table of false findings about groups that do not differ.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr

from analysis.defaults import KENWARD_ROGER, SATTERTHWAITE
from analysis.methods.groups import welch_one_way
from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import fit
from analysis.mixed_model.inference import Inference
from analysis.statistics.anova import rm_anova
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired import friedman, sign_flip, wilcoxon
from analysis.statistics.pooled_mann_whitney import mann_whitney

Floats = NDArray[np.float64]

ALPHA = 0.05


@dataclass(frozen=True)
class Scenario:
    """A simulated study; standard deviations are on the logit scale, and `mean` is in points.

    `noise` multiplies the residual of each system. `means` has the true mean of each system, if not
    all are equal to `mean`. `shift_points` is the true difference between the first and the last
    system, in points; `mean` is in the middle.
    """

    name: str
    about: str
    n: int = 30
    n_songs: int = 6
    mean: float = 50.0
    listener_system: float = 0.40
    song_system: float = 0.0
    noise: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)
    shift_points: float = 0.0
    listener: float = 0.45
    song: float = 0.30
    listener_song: float = 0.35
    residual: float = 0.6
    listener_noise: float = 0.25
    means: tuple[float, ...] | None = None

    def true_mean(self, j: int) -> float:
        """Expected rating of a system, in points."""
        if self.means is not None:
            return self.means[j]
        return self.mean + self.shift_points * (0.5 - j / (len(self.noise) - 1))


SCENARIOS = {
    one.name: one
    for one in (
        Scenario("N0", "fixed songs"),
        Scenario("N1", "songs matter: song x system .30", song_system=0.30),
        Scenario("N2", "no listener x system", listener_system=0.0),
        Scenario("N3", "ceiling: mean 88, one system noisier", mean=88.0, noise=(1, 1, 1, 2.2)),
        Scenario("N4", "as N1, 12 listeners, 4 songs", n=12, n_songs=4, song_system=0.30),
        Scenario("P0", "5 points, fixed songs", shift_points=5.0),
        Scenario("P1", "8 points, song x system .30", song_system=0.30, shift_points=8.0),
    )
}


GROUP_SIZES = ((10, 10, 10), (14, 9, 7))


def simulate(scenario: Scenario, seed: int) -> Floats:
    """Ratings of one simulated study.

    Parameters
    ----------
    scenario
        The true values of the simulation.
    seed
        Of the draw.

    Returns
    -------
    array
        Ratings, shape (n_listeners, n_songs, n_systems), integers 0-100 as float.
    """
    rng = np.random.default_rng(seed)
    n, s, k = scenario.n, scenario.n_songs, len(scenario.noise)
    own_noise = np.exp(rng.normal(0, scenario.listener_noise, (n, 1, 1)))
    value = _centres(scenario) + (
        rng.normal(0, scenario.listener, (n, 1, 1))
        + rng.normal(0, scenario.song, (1, s, 1))
        + rng.normal(0, scenario.listener_song, (n, s, 1))
        + rng.normal(0, 1, (n, 1, k)) * scenario.listener_system
        + rng.normal(0, 1, (1, s, k)) * scenario.song_system
        + rng.normal(0, scenario.residual, (n, s, k)) * own_noise * np.array(scenario.noise)
    )
    return np.asarray(np.round(100 * expit(value)), dtype=float)


def _centres(scenario: Scenario) -> Floats:
    """For each system, the logit at which the expected rating (with noise) is as required.

    The mean rating is the sum of the probabilities that the rating is above each half point.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    shared = sum(
        sd**2
        for sd in (
            scenario.listener, scenario.song, scenario.listener_song,
            scenario.listener_system, scenario.song_system,
        )
    )  # fmt: skip
    own = scenario.residual * np.exp(scenario.listener_noise * nodes)
    edges = logit((np.arange(100) + 0.5) / 100)[:, None]
    centres = np.empty(len(scenario.noise))
    for j, factor in enumerate(scenario.noise):
        sd, wanted = np.sqrt(shared + (own * factor) ** 2), scenario.true_mean(j)

        def gap(centre: float, sd: Floats = sd, wanted: float = wanted) -> float:
            return float(np.sum(ndtr((centre - edges) / sd) @ weights)) - wanted

        centres[j] = brentq(gap, logit(wanted / 100) - 5, logit(wanted / 100) + 5)
    return centres


def p_values(ratings: Floats, seed: int) -> dict[str, float]:
    """P-values of each default test; for pairs, those of the first system against the last.

    Parameters
    ----------
    ratings
        Ratings, shape (n_listeners, n_songs, n_systems).
    seed
        Seed of the sign-flip test.

    Returns
    -------
    dict
        P-values by name of the test; NaN if a model could not be estimated.
    """
    n, s, k = ratings.shape
    means = ratings.mean(axis=1)
    d = means[:, 0] - means[:, -1]
    found = {
        "LMM omnibus": float("nan"),
        "LMM pair": float("nan"),
        "LMM omnibus, Kenward-Roger": float("nan"),
        "Friedman": friedman(means).p,
        "RM-ANOVA, Greenhouse-Geisser": rm_anova(means)[0].p_gg,
        "paired t": float(stats.ttest_1samp(d, 0).pvalue),
        "Wilcoxon, exact": wilcoxon(d).p,
        "sign-flip": sign_flip(d, seed, 2000)[0],
        "pooled Mann-Whitney (Li 2022)": mann_whitney(ratings[..., 0], ratings[..., -1])[1],
        "Friedman on listener x song blocks": friedman(ratings.reshape(n * s, k)).p,
    }
    try:
        model = fit(build_design(rating_table(ratings)))
        inference = Inference(model, SATTERTHWAITE)
        found["LMM omnibus"] = inference.term_test("system").p
        found["LMM pair"] = inference.difference("s000", f"s{k - 1:03}").p
        other = Inference(model, KENWARD_ROGER)
        found["LMM omnibus, Kenward-Roger"] = other.term_test("system").p
    except NotEstimableError:
        pass
    return found


def rating_table(ratings: Floats) -> pd.DataFrame:
    """Table of ratings, made from simulated ratings of shape (n_listeners, n_songs, n_systems)."""
    n, s, k = ratings.shape
    index = pd.MultiIndex.from_product(
        [
            [f"{letter}{i:03}" for i in range(size)]
            for letter, size in zip("PMs", (n, s, k), strict=True)
        ],
        names=["participant", "song", "system"],
    )
    return index.to_frame(index=False).assign(group="all", rating=ratings.ravel())


def rejection_rates(
    scenario: Scenario, n_draws: int, seed: int, on_draw: Callable[[], None] = lambda: None
) -> dict[str, float]:
    """Share of simulated studies with p < .05.

    Parameters
    ----------
    scenario
        The true values of the simulation.
    n_draws
        Number of simulated studies; the uncertainty of each rate is 2 sqrt(.05 x .95 / n_draws).
    seed
        Seed of the first draw.
    on_draw
        Function that is called after each study.

    Returns
    -------
    dict
        Rates by name of the test.
    """
    draws = []
    for draw in range(n_draws):
        draws.append(p_values(simulate(scenario, seed + draw), seed + draw))
        on_draw()
    table = pd.DataFrame(draws)
    rates = (table < ALPHA).sum() / table.notna().sum()
    return {str(name): float(rate) for name, rate in rates.items()}


def false_positive_groups(sizes: tuple[int, ...], n_draws: int, seed: int) -> dict[str, float]:
    """How often group x system is found although the groups do not differ.

    Parameters
    ----------
    sizes
        Participants per group.
    n_draws, seed
        As `rejection_rates`.

    Returns
    -------
    dict
        Rates of "LMM group x system" and of "Welch on differences, Holm".
    """
    scenario = Scenario("G", "groups", n=sum(sizes), n_songs=5, song_system=0.2)
    group = np.repeat(np.arange(len(sizes)), sizes)
    hits = np.zeros((n_draws, 2))
    for draw in range(n_draws):
        ratings = simulate(scenario, seed + draw)
        table = rating_table(ratings)
        table["group"] = [f"g{g}" for g in group[table["participant"].str[1:].astype(int)]]
        design = build_design(table, fixed=("group", "system", "group:system"))
        hits[draw, 0] = Inference(fit(design)).term_test("group:system").p < ALPHA
        means = ratings.mean(axis=1)
        p = []
        for a, b in combinations(range(means.shape[1]), 2):
            d = means[:, a] - means[:, b]
            p.append(welch_one_way([d[group == g] for g in range(len(sizes))])[3])
        hits[draw, 1] = min(adjusted(p)) < ALPHA
    share = hits.mean(axis=0)
    names = ("LMM group x system", "Welch on differences, Holm")
    return {name: float(one) for name, one in zip(names, share, strict=True)}


def table_of_rates(n_draws: int, seed: int = 1) -> str:
    """Markdown table of all scenarios."""
    return markdown({name: rejection_rates(one, n_draws, seed) for name, one in SCENARIOS.items()})


def table_of_groups(n_draws: int, seed: int = 1) -> str:
    """Markdown table of studies whose groups do not differ; a row for each combination of sizes."""
    return markdown(
        {
            "/".join(map(str, sizes)): false_positive_groups(sizes, n_draws, seed)
            for sizes in GROUP_SIZES
        }
    )


def markdown(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown table with one column per scenario and one row per test."""
    tests = list(next(iter(columns.values())))
    lines = ["| test | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for test in tests:
        cells = " | ".join(f"{rates[test]:.3f}" for rates in columns.values())
        lines.append(f"| {test} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    sys.stdout.write(f"{table_of_rates(n)}\n\n{table_of_groups(n)}\n")
