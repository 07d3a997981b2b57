"""Cumulative link mixed model: a check that the findings do not hang on equal steps of the scale.

**Conventions.** Ratings are cut into five equal bands of the scale (0 to 100: upper ends 20, 40,
60, 80); where it has eleven values at most, each of them is a band. P(y <= c) = F(th_c - x'b -
u_participant - u_song) with the logistic F. System effects are on the logit scale and sum to zero;
positive means better. The random effects are integrated out by Laplace's approximation: minimise
f(u) = -log L(y|u) + u'u / 2, then add log|f''(u*)| / 2.

References
----------
.. [1] Christensen (2019), Cumulative link models for ordinal regression with the R package ordinal.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from analysis.methods.base import Method, MethodInput
from analysis.mixed_model.design import sum_to_zero
from analysis.scale import SCALE, Scale, shares
from analysis.statistics.estimable import NotEstimableError

Row = dict[str, Any]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

N_BANDS = 5
MOST_VALUES = 11
"""Scales with so many values at most are not cut into bands: each value is one."""
MOST_RATINGS = 20_000
"""Larger tables are left to the mixed model: this check would take minutes."""


class _Laplace:
    """Negative log-likelihood of the model as a function of its parameters.

    Parameters are the first threshold, the logarithms of the steps between thresholds, the
    coefficients of x, and the logarithms of the two standard deviations.
    """

    def __init__(self, band: Integers, x: Floats, who: Integers, song: Integers) -> None:
        self.band, self.x, self.who, self.song = band, x, who, song
        self.n_bands = int(band.max()) + 1
        self.n_who, self.n_song = int(who.max()) + 1, int(song.max()) + 1
        self.u = np.zeros(self.n_who + self.n_song)
        self.n_parameters = self.n_bands - 1 + x.shape[1] + 2

    def split(self, parameters: Floats) -> tuple[Floats, Floats, Floats]:
        """Thresholds, coefficients, standard deviations."""
        steps = self.n_bands - 1
        first, rest = parameters[:1], np.exp(np.clip(parameters[1:steps], -20, 20))
        sd = np.exp(np.clip(parameters[-2:], -12, 5))
        return np.cumsum(np.concatenate([first, rest])), parameters[steps:-2], sd

    def __call__(self, parameters: Floats) -> float:
        """Value at these parameters; the modes of the random effects are kept as the next start."""
        thresholds, b, sd = self.split(parameters)
        ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
        low, high = ends[self.band], ends[self.band + 1]
        fixed = self.x @ b
        scale = np.repeat(sd, [self.n_who, self.n_song])
        value, gradient, hessian = self._terms(self.u, scale, fixed, low, high)
        for _ in range(50):
            step = cho_solve(cho_factor(hessian), gradient)
            size = 1.0
            while size > 1e-6:  # damped: a full step may overshoot from a poor start
                trial = self._terms(self.u - size * step, scale, fixed, low, high)
                if trial[0] <= value + 1e-12:
                    break
                size /= 2
            self.u = self.u - size * step
            value, gradient, hessian = trial
            if np.max(np.abs(size * step)) < 1e-10:
                break
        return value + float(np.sum(np.log(np.diag(np.linalg.cholesky(hessian)))))

    def _terms(
        self, u: Floats, scale: Floats, fixed: Floats, low: Floats, high: Floats
    ) -> tuple[float, Floats, Floats]:
        """f(u), its gradient and its second derivative."""
        effect = scale * u
        eta = fixed + effect[self.who] + effect[self.n_who + self.song]
        above, below = high - eta, low - eta
        f_high, f_low = expit(above), expit(below)
        # log(F(a) - F(b)) without cancellation.
        log_p = -np.logaddexp(0, -above) - np.logaddexp(0, below) + np.log1p(-np.exp(low - high))
        slope = f_high + f_low - 1
        weight = f_high * (1 - f_high) + f_low * (1 - f_low)
        score = np.concatenate(
            [
                np.bincount(self.who, slope, self.n_who),
                np.bincount(self.song, slope, self.n_song),
            ]
        )
        cross = np.bincount(
            self.who * self.n_song + self.song, weight, self.n_who * self.n_song
        ).reshape(self.n_who, self.n_song)
        hessian = np.zeros((len(u), len(u)))
        hessian[: self.n_who, self.n_who :] = cross
        hessian += hessian.T
        hessian[np.diag_indices_from(hessian)] = np.concatenate([cross.sum(1), cross.sum(0)])
        hessian *= np.outer(scale, scale)
        hessian[np.diag_indices_from(hessian)] += 1.0
        return float(-log_p.sum() + u @ u / 2), u - scale * score, hessian

    def gradient(self, parameters: Floats) -> Floats:
        """Central differences."""
        steps = np.eye(self.n_parameters) * 1e-5
        return np.array([(self(parameters + s) - self(parameters - s)) / 2e-5 for s in steps])


def _fitted(model: _Laplace) -> tuple[Floats, float]:
    """Parameters at the optimum and the log-likelihood there."""
    share = np.cumsum(np.bincount(model.band)[:-1]) / len(model.band)
    start = stats.logistic.ppf(share)
    first = [start[:1], np.log(np.diff(start)), np.zeros(model.x.shape[1]), np.log([0.7, 0.7])]
    found = optimize.minimize(
        model.__call__, np.concatenate(first), jac=model.gradient, method="BFGS",
        options={"gtol": 1e-4, "maxiter": 200},
    )  # fmt: skip
    return np.asarray(found.x, dtype=float), -float(found.fun)


def _covariance(model: _Laplace, at: Floats) -> Floats:
    """Inverse of the second derivative, by differences of the gradient."""
    step = 1e-4
    rows = [
        (model.gradient(at + s) - model.gradient(at - s)) / (2 * step)
        for s in np.eye(len(at)) * step
    ]
    hessian = (np.array(rows) + np.array(rows).T) / 2
    return np.asarray(np.linalg.pinv(hessian, hermitian=True))


def ordinal_section(rows: pd.DataFrame, scale: Scale = SCALE) -> Row:
    """Section `ordinal` of docs/results.md.

    Parameters
    ----------
    rows
        Rated rows of one attribute.
    scale
        On which they stand.

    Returns
    -------
    dict
        See docs/results.md; `lr` compares with the model without system.

    Raises
    ------
    NotEstimableError
        With fewer than two systems, participants or songs, when all ratings fall in one band, or
        beyond 20,000 ratings.
    """
    if len(rows) > MOST_RATINGS:
        raise NotEstimableError(f"Left out: there are more than {MOST_RATINGS} ratings.")
    coded = {}
    for column in ("participant", "song", "system"):
        names, code = np.unique(rows[column].to_numpy(dtype=str), return_inverse=True)
        if len(names) < 2:
            raise NotEstimableError(f"There is only one {column}.")
        coded[column] = (names, code.astype(np.int64))
    bands = np.searchsorted(_band_ends(scale), shares(rows).to_numpy(dtype=float))
    used, band = np.unique(bands, return_inverse=True)
    if len(used) < 2:
        raise NotEstimableError("All ratings fall in one band of the scale.")
    systems, code = coded["system"]
    contrasts = sum_to_zero(len(systems))
    who, song = coded["participant"][1], coded["song"][1]
    model = _Laplace(band.astype(np.int64), contrasts[code], who, song)
    _require_overlap(band, code, systems)
    # A line search may step where the likelihood is zero; what comes of it is checked below.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        at, log_likelihood = _fitted(model)
        empty = _Laplace(model.band, np.zeros((len(band), 0)), who, song)
        lr = 2 * (log_likelihood - _fitted(empty)[1])
        thresholds, b, sd = model.split(at)
        coefficients = _coefficients(model, at, b, systems, contrasts)
    df = len(systems) - 1
    return {
        "status": "ok",
        "log_likelihood": log_likelihood,
        "bands": [int(value) + 1 for value in used],
        "thresholds": thresholds,
        "coefficients": coefficients,
        "sd": {"participant": sd[0], "song": sd[1]},
        "lr": lr,
        "df": df,
        "p": float(stats.chi2.sf(max(lr, 0.0), df)),
    }


def _band_ends(scale: Scale) -> Floats:
    """Upper ends of all bands but the last, as shares of the range."""
    n = scale.n_values
    if n is not None and n <= MOST_VALUES:
        return (np.arange(n - 1) + 0.5) / (n - 1)
    return np.arange(1, N_BANDS) / N_BANDS


def _require_overlap(band: Integers, code: Integers, systems: Any) -> None:
    for index, name in enumerate(systems):
        own = band[code == index]
        if len(np.unique(own)) == 1 and own[0] in (0, band.max()):
            end = "lowest" if own[0] == 0 else "highest"
            raise NotEstimableError(
                f"All ratings of {name} fall in the {end} band, so its effect has no limit."
            )


def _coefficients(
    model: _Laplace, at: Floats, b: Floats, systems: Any, contrasts: Floats
) -> list[Row]:
    steps = model.n_bands - 1
    covariance = _covariance(model, at)[steps:-2, steps:-2]
    found = []
    for name, row in zip(systems, contrasts, strict=True):
        estimate, variance = float(row @ b), float(row @ covariance @ row)
        if not variance > 0:  # flat or falling away: systems whose ratings hardly overlap
            raise NotEstimableError(
                "The ordinal model has no finite optimum: some ratings hardly overlap."
            )
        se = float(np.sqrt(variance))
        z = estimate / se
        p = float(2 * stats.norm.sf(abs(z)))
        found.append({"system": str(name), "estimate": estimate, "se": se, "z": z, "p": p})
    return found


def _compute(given: MethodInput) -> Row:
    return ordinal_section(given.rows, given.settings.scale)


METHOD = Method(place=160, compute=_compute)
