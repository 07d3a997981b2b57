"""Power of the model of strengths: pairs with ties, rankings, and picks of the best system.

**Conventions.** One system is better than the others, and the others are equal. Each listener also
has a personal taste: normally distributed log odds, independent for each system. Individual
preferences are added to the strengths that all listeners share. A *round* about a song is one of
these: all pairs, one ranking, or one choice of the best system.

Notes
-----
The model is the model of the report, which contains no individual preferences. The standard errors
of the model are clustered by listener. For the plan, twenty thousand listeners are simulated, each
with two rounds. The answers of the simulated listeners give the coefficients as they would be with
a very large number of listeners. J is the information in a listener's scores s for one round. W is
the covariance of the scores within listeners. B is the covariance between listeners. B is computed
from the expected scores of each listener in the two rounds. With n listeners and m rounds each, the
covariance of the estimate is

    J^-1 (W / m + B) J^-1 / n

The power is that of the tests in the report. The test of a pair uses the noncentral t distribution
with n - 1 degrees of freedom. The test of all k systems uses the noncentral F distribution with k -
1 and n - k + 1 degrees of freedom (Hotelling's T^2). The report also estimates the effect of the
position on the page, if the data are sufficient. The plan leaves out the effect of the position: it
is orthogonal to the strengths if both orders are equally frequent.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import expit, softmax

from analysis.choices.choice_model import Choices, Floats, Ints, fitted, strength_features
from analysis.mixed_model.power import ALPHA, power_of_difference
from analysis.planning.choice_plan import AnswerKind, Belief, ChoiceClaim, ChoicesToCome

_MOST_DRAWN, _LEAST_DRAWN = 20_000, 2_000
_MOST_NUMBERS = 12_000_000
"""Largest size of an array; with many pairs, fewer listeners are therefore drawn."""

SHARE = Belief("share of decided answers for the better of two systems", 0.6, 0.501, 0.99)
TASTE = Belief("spread of listeners' own tastes in log odds", 0.5, 0.0, 5.0)
TIES = Belief("share of answers without a preference between equal systems", 0.2, 0.0, 0.9)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Answers of many simulated listeners, with two rounds each.

    ``features`` and ``offered`` are explained in `Choices`. ``asked`` and ``chosen`` have the shape
    (n_listeners, 2, n_answers). ``shares`` has the probability of each alternative, in one more
    dimension.
    """

    features: Floats
    offered: NDArray[np.bool_]
    asked: Ints
    chosen: Ints
    shares: Floats


@dataclass(frozen=True, slots=True)
class StrengthPower:
    """Precision of strengths in a study: the coefficients, and two parts of their variance.

    ``within`` and ``between`` are two parts of the covariance of a listener's scores in one round.
    """

    k: int
    theta: Floats
    within: Floats
    between: Floats

    def of_pair(self, n: int, n_rounds: int, alpha: float) -> float:
        """Power of the two-sided test of the first system against the second."""
        if n < 2:
            return 0.0
        row = np.zeros(len(self.theta))
        row[0] = 1.0
        if self.k > 2:
            row[1] = -1.0
        se = math.sqrt(float(row @ self._covariance(n_rounds) @ row) / n)
        return float(power_of_difference(float(row @ self.theta), se, n - 1.0, alpha))

    def of_all(self, n: int, n_rounds: int) -> float:
        """Power of the test at .05 that all strengths are equal."""
        q = self.k - 1
        if n <= q:
            return 0.0
        theta, covariance = self.theta[:q], self._covariance(n_rounds)[:q, :q]
        beyond = n * float(theta @ np.linalg.solve(covariance, theta))
        return float(stats.ncf.sf(stats.f.isf(ALPHA, q, n - q), q, n - q, beyond))

    def _covariance(self, n_rounds: int) -> Floats:
        return np.asarray(self.within / n_rounds + self.between)


def log_odds_of(share: float, taste_sd: float) -> float:
    """Log odds by which a system gets a given share of choices, if listeners have such tastes."""
    at, weight = np.polynomial.hermite_e.hermegauss(61)
    weight = weight / weight.sum()
    spread = math.sqrt(2) * taste_sd * at
    return float(brentq(lambda gap: float(weight @ expit(gap + spread)) - share, 0.0, 60.0))


def strengths_drawn(n: int, k: int, believed: Mapping[str, float], seed: int) -> Floats:
    """Strengths for each listener, shape (n, k); with each taste, its opposite occurs as well.

    Parameters
    ----------
    n, k
        Number of listeners (even), and number of systems.
    believed
        Assumptions, with ``share`` and ``taste_sd`` among them.
    seed
        Of the tastes.
    """
    half = np.random.default_rng(seed).normal(0.0, believed["taste_sd"], (n // 2, k))
    drawn = np.concatenate([half, -half])
    drawn[:, 0] += log_odds_of(believed["share"], believed["taste_sd"])
    return drawn


def pair_rounds(
    strengths: Floats, pairs: Sequence[tuple[int, int]], ties: float, rng: np.random.Generator
) -> Rounds:
    """All pairs for each listener, in two rounds.

    Parameters
    ----------
    strengths
        Individual preferences of each listener, in log odds, shape (n_listeners, k).
    pairs
        Indices of the two systems of each pair.
    ties
        Share of answers "no preference" if two systems are equal; 0: this answer is not allowed.
    rng
        Source of chance.
    """
    n, k = strengths.shape
    has_ties = ties > 0
    places = np.array(pairs)
    first, second = strength_features(k)[places.T]
    both = [first, second, (first + second) / 2][: 2 + has_ties]
    features = np.stack([np.pad(each, ((0, 0), (0, has_ties))) for each in both], axis=1)
    worth = strengths[:, places]
    if has_ties:
        features[:, 2, -1] = 1.0
        tie = worth.mean(axis=2, keepdims=True) + math.log(2 * ties / (1 - ties))
        worth = np.concatenate([worth, tie], axis=2)
    worth = np.repeat(worth[:, None], 2, axis=1)
    chosen = np.argmax(worth + rng.gumbel(size=worth.shape), axis=-1)
    asked = np.broadcast_to(np.arange(len(places)), (n, 2, len(places)))
    offered = np.ones(features.shape[:2], dtype=bool)
    return Rounds(features, offered, asked, chosen, softmax(worth, axis=-1))


def order_rounds(strengths: Floats, n_places: int, rng: np.random.Generator) -> Rounds:
    """Two orders by each listener as series of choices: the best system, then the next best, ...

    Parameters
    ----------
    strengths
        Individual preferences of each listener, in log odds, shape (n_listeners, k).
    n_places
        Number of places that are ordered: k - 1 in a whole ranking, 1 in a choice of the best
        system.
    rng
        Source of chance.
    """
    n, k = strengths.shape
    worth = np.repeat(strengths[:, None], 2, axis=1)
    order = np.argsort(-(worth + rng.gumbel(size=worth.shape)), axis=-1)[..., :n_places]
    left = np.ones((n, 2, n_places, k), dtype=bool)
    for place in range(1, n_places):
        left[:, :, place] = left[:, :, place - 1]
        np.put_along_axis(left[:, :, place], order[:, :, place - 1, None], False, axis=-1)
    offered, asked = np.unique(left.reshape(-1, k), axis=0, return_inverse=True)
    features = np.tile(strength_features(k), (len(offered), 1, 1))
    shares = softmax(np.where(left, worth[:, :, None], -np.inf), axis=-1)
    return Rounds(features, offered, asked.reshape(n, 2, n_places), order, shares)


def strength_power(rounds: Rounds, k: int) -> StrengthPower:
    """Coefficients with very many listeners; covariance of scores within and between rounds."""
    n = len(rounds.asked)
    table: Floats = np.zeros(rounds.offered.shape)
    np.add.at(table, rounds.asked.ravel(), rounds.shares.reshape(-1, rounds.offered.shape[1]))
    asked, chosen = np.nonzero(table)
    nobody = np.zeros(len(asked), dtype=np.int64)
    model = fitted(
        Choices(rounds.features, rounds.offered, asked, chosen, nobody, table[asked, chosen], 1)
    )
    worth = np.where(rounds.offered, rounds.features @ model.theta, -np.inf)
    mean = np.einsum("sa,saq->sq", softmax(worth, axis=1), rounds.features)
    gaps = rounds.features[rounds.asked, rounds.chosen] - mean[rounds.asked]
    bread = np.linalg.inv(model.information / (2 * n))
    scores = gaps.sum(axis=2).reshape(2 * n, -1)
    whole = scores.T @ scores / (2 * n)
    one, two = np.moveaxis(_expected_scores(rounds, mean), 1, 0)
    shared = (one.T @ two + two.T @ one) / (2 * n)
    within, between = (bread @ part @ bread for part in (whole - shared, shared))
    return StrengthPower(k, model.theta, within, between)


def _expected_scores(rounds: Rounds, mean: Floats) -> Floats:
    """Expected scores of the listeners, given their questions; random scores would be noisier.

    Shape (n_listeners, 2, n_coefficients).
    """
    found = -mean[rounds.asked]
    for place in range(rounds.shares.shape[-1]):
        found += rounds.shares[..., place, None] * rounds.features[rounds.asked, place]
    return np.asarray(found.sum(axis=2))


def _drawn(n_numbers: int) -> int:
    """How many listeners to simulate, if each gives a certain number of answers."""
    return 2 * (max(_LEAST_DRAWN, min(_MOST_DRAWN, _MOST_NUMBERS // n_numbers)) // 2)


def _claims(
    given: ChoicesToCome, believed: Mapping[str, float], power: StrengthPower
) -> list[ChoiceClaim]:
    k = given.n_systems
    n_tests = k * (k - 1) // 2
    share = f"{100 * believed['share']:g} %"
    level = "" if n_tests == 1 else f" (at .05 / {n_tests}, the strictest step over all pairs)"
    found = [
        ChoiceClaim(
            f"a system to be found better than another that loses {share} of their decided "
            f"comparisons{level}",
            lambda n, songs: power.of_pair(n, songs * given.n_trials, ALPHA / n_tests),
        )
    ]
    if k > 2:
        found.append(
            ChoiceClaim(
                f"any difference to be found among {k} systems, one of which wins {share} of its "
                "decided comparisons with each other one",
                lambda n, songs: power.of_all(n, songs * given.n_trials),
            )
        )
    return found


def _of_pairs(given: ChoicesToCome, believed: Mapping[str, float], seed: int) -> list[ChoiceClaim]:
    k, ties = given.n_systems, believed["ties"] if given.may_tie else 0.0
    strengths = strengths_drawn(_drawn(2 * len(given.pairs) * k), k, believed, seed)
    rng = np.random.default_rng([seed, 1])
    rounds = pair_rounds(strengths, given.pairs, ties, rng)
    return _claims(given, believed, strength_power(rounds, k))


def _of_orders(
    n_places: Callable[[int], int],
) -> Callable[[ChoicesToCome, Mapping[str, float], int], list[ChoiceClaim]]:
    def claims(given: ChoicesToCome, believed: Mapping[str, float], seed: int) -> list[ChoiceClaim]:
        k = given.n_systems
        told = n_places(k)
        strengths = strengths_drawn(_drawn(2 * told * k), k, believed, seed)
        rounds = order_rounds(strengths, told, np.random.default_rng([seed, 1]))
        return _claims(given, believed, strength_power(rounds, k))

    return claims


_CLUSTERED = "errors clustered by listener, power by simulated listeners"
_BOTH = {"share": SHARE, "taste_sd": TASTE}
PAIRS = AnswerKind(f"Davidson's model, {_CLUSTERED}", {**_BOTH, "ties": TIES}, _of_pairs)
ORDERS = AnswerKind(f"the Plackett–Luce model, {_CLUSTERED}", _BOTH, _of_orders(lambda k: k - 1))
PICKS = AnswerKind(f"the conditional logit model, {_CLUSTERED}", _BOTH, _of_orders(lambda _: 1))
