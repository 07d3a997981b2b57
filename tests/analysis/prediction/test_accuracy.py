"""P.1401 by hand and by scipy: mappings that never turn, correlations, RMSE and RMSE*."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from analysis.prediction.accuracy import accuracy
from analysis.prediction.mapping import MappingName, mapped
from analysis.statistics.estimable import NotEstimableError

X = np.array([0.5, 1.0, 1.4, 2.1, 2.6, 3.0, 3.7, 4.2])
Y = np.array([1.2, 1.1, 1.9, 2.2, 3.4, 3.1, 4.4, 4.3])
C = np.array([0.3, 0.3, 0.2, 0.4, 0.2, 0.3, 0.3, 0.2])


def test_without_a_mapping_everything_is_by_hand() -> None:
    """N - 1 in both errors; an error inside the interval is none."""
    found = accuracy(X, Y, C, "none", 1)
    error = np.abs(Y - X)  # .7 .1 .5 .1 .8 .1 .7 .1
    beyond = [0.4, 0.0, 0.3, 0.0, 0.6, 0.0, 0.4, 0.0]
    assert found.rmse.value == pytest.approx(math.sqrt(np.sum(error**2) / 7), abs=1e-12)
    assert found.rmse_star.value == pytest.approx(math.sqrt((0.16 + 0.09 + 0.36 + 0.16) / 7))
    assert found.rmse_star.value == pytest.approx(math.sqrt(np.sum(np.square(beyond)) / 7))
    assert found.outlier_ratio == 0.5
    total = float(np.sum(error**2))
    assert found.rmse.ci_low == pytest.approx(math.sqrt(total / stats.chi2.ppf(0.975, 7)))
    assert found.rmse.ci_high == pytest.approx(math.sqrt(total / stats.chi2.ppf(0.025, 7)))
    assert found.rmse_star.ci_low <= found.rmse_star.value <= found.rmse_star.ci_high


def test_correlations_are_scipys_with_fishers_interval() -> None:
    """Pearson's interval is scipy's own; Spearman's is wider by Fieller's 1.06."""
    found = accuracy(X, Y, C, "none", 1)
    pearson = stats.pearsonr(X, Y)
    low, high = pearson.confidence_interval(0.95)
    assert found.pearson.value == pytest.approx(pearson.statistic, abs=1e-12)
    assert (found.pearson.ci_low, found.pearson.ci_high) == pytest.approx((low, high), abs=1e-12)
    rho = stats.spearmanr(X, Y).statistic
    half = 1.959963984540054 * math.sqrt(1.06 / 5)
    assert found.spearman.value == pytest.approx(rho, abs=1e-12)
    assert found.spearman.ci_low == pytest.approx(math.tanh(math.atanh(rho) - half), abs=1e-12)


def constrained(x: Any, y: Any, sign: float) -> float:
    """Least squared error of a cubic whose slope has one sign on a fine grid, by scipy's SLSQP."""
    t = (x - x.min()) / np.ptp(x)
    at = np.linspace(0, 1, 401)

    def slope(p: Any) -> Any:
        return sign * (p[1] + 2 * p[2] * at + 3 * p[3] * at**2)

    def cost(p: Any) -> float:
        return float(np.sum((y - np.polyval(p[::-1], t)) ** 2))

    start = np.array([y.mean(), sign * 0.1, 0.0, 0.0])
    found = optimize.minimize(
        cost, start, method="SLSQP", constraints=[{"type": "ineq", "fun": slope}],
        options={"maxiter": 2000, "ftol": 1e-15},
    )  # fmt: skip
    return float(found.fun)


@pytest.mark.parametrize("seed", range(8))
def test_the_cubic_is_the_best_that_never_turns(seed: int) -> None:
    """No worse than scipy's constrained fit, both ways; rising or falling all along."""
    random = np.random.default_rng(seed)
    x = random.uniform(-2, 5, 12)
    y = random.normal(0, 1, 12) + (np.tanh(x) if seed % 2 else -0.5 * x)
    found = mapped(x, y, "third_order")
    cost = float(np.sum((y - found.predicted) ** 2))
    assert cost <= min(constrained(x, y, 1.0), constrained(x, y, -1.0)) * (1 + 1e-5) + 1e-9
    steps = np.diff(found.curve(np.linspace(x.min(), x.max(), 2001)))
    assert (steps >= -1e-9).all() or (steps <= 1e-9).all()


def test_a_monotonic_cubic_comes_back() -> None:
    """Rising and falling: where the free fit never turns, it is the one that is found."""
    cubic = 1 + 0.2 * X + 0.01 * X**3
    for sign in (1.0, -1.0):
        predicted = mapped(X, sign * cubic, "third_order").predicted
        np.testing.assert_allclose(predicted, sign * cubic, atol=1e-6)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_logistic_curve_comes_back(sign: float) -> None:
    """Planted parameters, rising and falling; scipy's curve_fit finds no better one."""
    y = 3 + sign * 1.8 / (1 + np.exp(-2.2 * (X - 2.0)))
    np.testing.assert_allclose(mapped(X, y, "logistic").predicted, y, atol=1e-5)

    def curve(at: Any, a: float, b: float, s: float, m: float) -> Any:
        return a + b / (1 + np.exp(-s * (at - m)))

    noisy = y + np.array([0.1, -0.1, 0.05, 0.1, -0.1, 0.0, 0.1, -0.05])
    fitted, _ = optimize.curve_fit(curve, X, noisy, p0=[3, sign * 1.8, 2.2, 2.0], maxfev=20_000)
    ours = float(np.sum((noisy - mapped(X, noisy, "logistic").predicted) ** 2))
    assert ours <= float(np.sum((noisy - curve(X, *fitted)) ** 2)) * (1 + 1e-6)


@pytest.mark.parametrize("name", ["third_order", "logistic"])
def test_a_mapping_takes_four_degrees_of_freedom(name: MappingName) -> None:
    """RMSE divides by N - 4; a mapping does not change ranks."""
    found, plain = accuracy(X, Y, C, name, 1), accuracy(X, Y, C, "none", 1)
    error = Y - found.predicted
    assert found.rmse.value == pytest.approx(math.sqrt(np.sum(error**2) / 4), abs=1e-12)
    assert found.spearman == plain.spearman
    assert found.pearson.value >= plain.pearson.value - 1e-6


@pytest.mark.parametrize(
    ("n", "name", "sentence"),
    [
        (3, "none", "A prediction needs 4 points, and there are 3."),
        (4, "third_order", "A monotonic third-order polynomial needs 5 points, and there are 4."),
    ],
)
def test_too_few_points_are_told(n: int, name: MappingName, sentence: str) -> None:
    """One sentence."""
    with pytest.raises(NotEstimableError, match=sentence):
        accuracy(X[:n], Y[:n], C[:n], name, 1)


def test_a_measure_that_never_changes_predicts_nothing() -> None:
    """One sentence."""
    with pytest.raises(NotEstimableError, match="All points have the same measure"):
        accuracy(np.ones(8), Y, C, "logistic", 1)
