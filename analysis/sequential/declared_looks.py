"""Interim looks at declared numbers of participants: contrasts with alpha spending.

**Conventions.** At each look, the primary mixed model is fitted to the participants who have
already finished. The p of the model, which has its own degrees of freedom, is converted to z. How
much alpha is spent depends on the share of the planned participants who have finished. For a
contrast, the variance with n participants is floor + (se^2 - floor) n_k / n. In the formula, the
floor is the part of the variance that song x system causes; this part does not decrease with n.
Looks that follow each other are therefore more strongly correlated than n alone suggests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from scipy import stats
from scipy.special import ndtr

from analysis.methods.lmm import fit_default
from analysis.mixed_model.fit import MixedModel
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.satterthwaite import Contrast
from analysis.sequential.boundaries import boundaries
from analysis.sequential.plan import (
    ALPHA,
    ContrastSoFar,
    Look,
    SequentialFinding,
    SequentialPlan,
    in_order_of_completion,
    with_holm,
)
from analysis.sequential.repeated_p import repeated_p
from analysis.sequential.spending import spent
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread

SONG_SYSTEM = "song:system"
MOST_FLOOR = 0.98
"""Largest share of the floor in a variance, because participants always add information."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A contrast at one look; the information at this look and at all earlier looks."""

    found: Contrast
    information: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FittedLook:
    """Contrasts from the first ``n_listeners``, the last of whom finished at ``reached_at``."""

    n_listeners: int
    reached_at: str
    estimates: tuple[Estimate, ...]


def declared_looks(
    rows: pd.DataFrame, plan: SequentialPlan, df_method: str, is_closed: bool
) -> SequentialFinding:
    """Each declared look that was reached; a last look, if a study ended between two looks.

    Parameters
    ----------
    rows
        Rated rows of the primary attribute, after exclusions; the column rated_at is included.
    plan
        Plan of the looks; it has ``sizes`` and ``spending``.
    df_method
        Method for the mixed model's degrees of freedom.
    is_closed
        Whether the study is closed; then nobody else can take part.

    Raises
    ------
    NotEstimableError
        The ratings do not have times.
    """
    n = len(in_order_of_completion(rows))
    due = [each for each in plan.sizes if each <= n]
    if is_closed and n < plan.sizes[-1] and n not in due:
        due.append(n)
    looks = judged(fitted_looks(rows, plan.contrasts, due, df_method), plan)
    later = [each for each in plan.sizes if each > n and not is_closed]
    return SequentialFinding(looks, n, min(later, default=None))


def fitted_looks(
    rows: pd.DataFrame, contrasts: Sequence[tuple[str, str]], due: Sequence[int], df_method: str
) -> list[FittedLook]:
    """The mixed model at each look; if a fit fails, the alpha of the look goes to the next look.

    Parameters
    ----------
    rows, df_method
        As :func:`declared_looks`.
    contrasts
        Pairs of systems.
    due
        Numbers of participants at the looks, in ascending order.
    """
    finished = in_order_of_completion(rows)
    looks: list[FittedLook] = []
    for size in due:
        part = rows[rows["participant"].isin(finished.index[:size])]
        sizes = [*(look.n_listeners for look in looks), size]
        try:
            estimates = _estimates(part, contrasts, df_method, sizes)
        except NotEstimableError:
            continue
        looks.append(FittedLook(size, str(finished.iloc[size - 1]), estimates))
    return looks


def judged(fitted: Sequence[FittedLook], plan: SequentialPlan) -> tuple[Look, ...]:
    """Content of each look, when the earlier looks are given."""
    looks: list[Look] = []
    for k, look in enumerate(fitted):
        times = [each.n_listeners / plan.sizes[-1] for each in fitted[: k + 1]]
        before = [each.p for each in looks[-1].contrasts] if looks else [1.0] * len(plan.contrasts)
        history = zip(*(each.estimates for each in fitted[: k + 1]), strict=True)
        found = [
            _so_far(pair, estimates, times, plan.spending, p)
            for pair, estimates, p in zip(plan.contrasts, history, before, strict=True)
        ]
        looks.append(Look(look.n_listeners, look.reached_at, with_holm(found)))
    return tuple(looks)


def _estimates(
    rows: pd.DataFrame,
    contrasts: Sequence[tuple[str, str]],
    df_method: str,
    sizes: Sequence[int],
) -> tuple[Estimate, ...]:
    with one_blas_thread():
        model = fit_default(rows).model
        if not model.converged:
            raise NotEstimableError("The fit did not converge.")
        inference = Inference(model, df_method)
        found = [inference.difference(a, b) for a, b in contrasts]
    return tuple(Estimate(each, _information(each.se, model, sizes)) for each in found)


def _information(se: float, model: MixedModel, sizes: Sequence[int]) -> tuple[float, ...]:
    """1 / variance of the contrast at each look, computed with the model of the last look."""
    components = dict(zip(model.design.components, model.variance, strict=True))
    floor = 2 * float(components.get(SONG_SYSTEM, 0.0)) / len(model.design.songs)
    floor = min(floor, MOST_FLOOR * se**2)
    return tuple(1 / (floor + (se**2 - floor) * sizes[-1] / size) for size in sizes)


def _so_far(
    pair: tuple[str, str],
    looks: Sequence[Estimate],
    times: Sequence[float],
    spending: str,
    before: float,
) -> ContrastSoFar:
    """P-value for all looks until now; interval that is valid at all of them together."""
    information = [look.information for look in looks]
    p = repeated_p([look.found.p for look in looks], times, information, spending, before)
    boundary = boundaries([spent(spending, ALPHA, time) for time in times], information)[-1]
    last = looks[-1].found
    half = float(stats.t.isf(ndtr(-boundary), last.df)) * last.se
    return ContrastSoFar(*pair, last.estimate, last.estimate - half, last.estimate + half, p)
