"""Paired comparisons with ties, by Davidson's extension of the Bradley-Terry model.

**Conventions.** A comparison has the alternatives *first*, *second* and *tie*. *First* is the
system that was shown in the first place on the page. In the formulas, a and b are the strengths of
the two systems. The log odds of a tie are t, and the log odds of the first place on the page are o.
The logarithms of the probabilities are

    first   a + o        second   b        tie   (a + b) / 2 + t

The logarithms of the three probabilities all have the same additional constant. If there are no
ties, the model has no t (model of Bradley and Terry). The model has an o only if some pairs occur
in both orders.

References
----------
.. [1] Davidson (1970), On extending the Bradley-Terry model to accommodate ties.
.. [2] Davidson & Beaver (1977), On extending the Bradley-Terry model to incorporate within-pair
   order effects.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.choices.choice_model import Choices, Fitted, fitted, strength_features
from analysis.statistics.estimable import NotEstimableError

FIRST, SECOND, TIE = 0, 1, 2
_ANSWERS = {"a": FIRST, "b": SECOND, "tie": TIE}


@dataclass(frozen=True, slots=True)
class PairModel:
    """A fitted model of paired comparisons; where t and o are among its coefficients."""

    model: Fitted
    tie: int | None
    order: int | None


def fit_pairs(
    rows: pd.DataFrame, systems: Sequence[str], people: Sequence[str], *, with_order: bool
) -> PairModel:
    """Fit Davidson's model, without the coefficients that the answers do not need.

    Parameters
    ----------
    rows
        The columns participant, system_a and system_b (in the order on the page), and answer (a, b
        or tie).
    systems
        Names of the systems to compare; rows with any other system are left out.
    people
        Listeners, in the order of the scores.
    with_order
        Whether the order of each pair on the page is known; only then can the effect of the order
        be estimated.

    Raises
    ------
    NotEstimableError
        A strength or the odds of a tie are infinite.
    """
    if with_order:
        choices, tie = pair_choices(rows, systems, people)
        try:
            return PairModel(fitted(choices), tie, choices.n_coefficients - 1)
        except NotEstimableError:
            # If the strengths cannot be estimated, the model without the order effect gives the
            # reason.
            pass
    choices, tie = pair_choices(_in_one_order(rows), systems, people)
    return PairModel(fitted(choices.without(choices.n_coefficients - 1)), tie, None)


def stand_both_ways(rows: pd.DataFrame) -> bool:
    """Whether the order on the page varied: pairs occur in both orders, and each position wins.

    If a table was not written page by page, each pair has one fixed order, or the chosen system is
    always first.
    """
    ordered = set(zip(rows["system_a"], rows["system_b"], strict=True))
    answers = set(rows["answer"])
    return {"a", "b"} <= answers and any((b, a) in ordered for a, b in ordered)


def _in_one_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Comparisons, in which the two systems of a pair always have the same order."""
    turned = rows["system_a"] > rows["system_b"]
    return rows.assign(
        system_a=rows["system_a"].where(~turned, rows["system_b"]),
        system_b=rows["system_b"].where(~turned, rows["system_a"]),
        answer=rows["answer"].where(~turned, rows["answer"].replace({"a": "b", "b": "a"})),
    )


def pair_choices(
    rows: pd.DataFrame, systems: Sequence[str], people: Sequence[str]
) -> tuple[Choices, int | None]:
    """Comparisons as choices; position of the coefficient for ties, or None if there are no ties.

    Raises
    ------
    NotEstimableError
        Every comparison ended in a tie.
    """
    place = {name: index for index, name in enumerate(systems)}
    who = {name: index for index, name in enumerate(people)}
    there = rows["system_a"].isin(place) & rows["system_b"].isin(place)
    counted = (
        rows[there].groupby(["participant", "system_a", "system_b", "answer"]).size().reset_index()
    )
    has_ties = bool((counted["answer"] == "tie").any())
    if has_ties and (counted["answer"] == "tie").all():
        raise NotEstimableError("All comparisons ended in a tie.")
    pairs = list(dict.fromkeys(zip(counted["system_a"], counted["system_b"], strict=True)))
    number = {pair: index for index, pair in enumerate(pairs)}
    k = len(systems)
    tie = k - 1 if has_ties else None
    x = np.zeros((len(pairs), 2 + has_ties, k + has_ties))
    strength = strength_features(k)
    for index, (a, b) in enumerate(pairs):
        first, second = strength[place[a]], strength[place[b]]
        x[index, FIRST, : k - 1], x[index, SECOND, : k - 1] = first, second
        x[index, FIRST, -1] = 1.0
        if has_ties:
            x[index, TIE, : k - 1], x[index, TIE, k - 1] = (first + second) / 2, 1.0
    asked = [number[pair] for pair in zip(counted["system_a"], counted["system_b"], strict=True)]
    choices = Choices(
        features=x,
        offered=np.ones(x.shape[:2], dtype=bool),
        asked=np.array(asked, dtype=np.int64),
        chosen=np.array(counted["answer"].map(_ANSWERS), dtype=np.int64),
        listener=np.array(counted["participant"].astype(str).map(who), dtype=np.int64),
        count=counted.iloc[:, -1].to_numpy(dtype=float),
        n_listeners=len(people),
    )
    return choices, tie
