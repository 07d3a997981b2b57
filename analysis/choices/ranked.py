"""Pages on which participants ranked the mixes or picked the best mix.

**Conventions.** A page is stored as pairs of its mixes; each pair is one row. The column ``answer``
names the better mix of the pair. If only the best mix was picked, the page has only the pairs that
contain the best mix. A page is identified by participant and song, and by replicate and page number
if the table has these columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from analysis.choices.choice_model import fitted
from analysis.choices.comparable import comparable
from analysis.choices.orders import Order, order_choices, wins_of
from analysis.choices.strengths import ModelStrengths
from analysis.choices.told import TOO_FEW, groups_of, strengths_of, told
from analysis.findings.sections import TrialCounts
from analysis.findings.trials import Placed, Ranked, StrengthModel
from analysis.statistics.estimable import NotEstimableError, section

_PAGE = ("participant", "song", "replicate", "page_index")


def ranked_section(
    rows: pd.DataFrame, systems: Sequence[str], seed: int, counts: TrialCounts
) -> Ranked:
    """Results of the rankings or picks in one part of the study, for one attribute.

    Parameters
    ----------
    rows
        One row for each pair of a page, with the columns of `analysis.trial_columns` and, if known,
        the column group.
    systems
        All systems that occur, in the order in which they are displayed.
    seed
        Of the permutations.
    counts
        Numbers of rows, participants and songs.

    Raises
    ------
    ValueError
        The pairs of a page do not form an order of its mixes.
    """
    orders = orders_of(rows)
    return Ranked(
        **{**asdict(counts), "n_trials": len(orders)},
        systems=systems,
        placed=[_placed(orders, system) for system in systems],
        model=section(lambda: _model(rows, orders, systems, seed)),
    )


def orders_of(rows: pd.DataFrame) -> list[Order]:
    """Order of each page, found from its pairs.

    Raises
    ------
    ValueError
        The pairs of a page do not form an order of its mixes: a pair is missing, occurs twice or is
        a tie, or the pairs form a circle.
    """
    keys = [name for name in _PAGE if name in rows]
    orders = []
    for key, page in rows.groupby(keys, sort=True, dropna=False):
        names = sorted({*page["system_a"], *page["system_b"]})
        above = page["system_a"].where(page["answer"] == "a", page["system_b"])
        below = page["system_b"].where(page["answer"] == "a", page["system_a"])
        places = _places(names, list(zip(above, below, strict=True)))
        if places is None or (page["answer"] == "tie").any():
            raise ValueError(
                f"The pairs of a page of {key[0]} ({key[1]}) do not form a ranking of its mixes."
            )
        orders.append(Order(str(key[0]), places))
    return orders


def _places(names: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int] | None:
    """Places of the mixes, if the pairs are a whole ranking or a pick of the best; else None."""
    n_below = {name: sum(above == name for above, _ in pairs) for name in names}
    if len(set(pairs)) != len(pairs):
        return None
    k, counts = len(names), sorted(n_below.values())
    if counts == list(range(k)):
        return {name: k - n for name, n in n_below.items()}
    if counts == [0] * (k - 1) + [k - 1]:
        return {name: 1 if n else 2 for name, n in n_below.items()}
    return None


def _placed(orders: Sequence[Order], system: str) -> Placed:
    """Shares of first places, and mean places; mixes with the same place get the mean place."""
    met = [order.places for order in orders if system in order.places]
    n_first = sum(places[system] == 1 for places in met)
    mids = [
        sum(other < places[system] for other in places.values())
        + (sum(other == places[system] for other in places.values()) + 1) / 2
        for places in met
    ]
    return Placed(system, len(met), n_first, n_first / len(met), float(np.mean(mids)))


def _model(
    rows: pd.DataFrame, orders: Sequence[Order], systems: Sequence[str], seed: int
) -> StrengthModel:
    kept, apart = comparable(wins_of(orders, systems), systems)
    if len(kept) < 2:
        raise NotEstimableError(TOO_FEW)

    def fit(people: Sequence[str]) -> ModelStrengths:
        some = [order for order in orders if order.participant in people]
        return strengths_of(kept, fitted(order_choices(some, kept, people)))

    groups = groups_of(rows)
    return told(StrengthModel, fit(list(groups)), apart, groups, fit, seed)
