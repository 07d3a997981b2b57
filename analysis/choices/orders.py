"""Rankings and picks of the best, as series of choices among the systems that remain.

**Conventions.** An *order* lists the places that a listener gave to the systems of a page; place 1
is the best. Systems that the listener did not order share the last place on the page. If the
listener only picked the best system, all other systems share the last place. In the Plackett-Luce
model, a ranking is a series of choices with the conditional logit model. The system in the first
place is chosen among all systems, the system in the second place among the remaining systems, and
so on.

References
----------
.. [1] Plackett (1975), The analysis of permutations.
.. [2] Luce (1959), Individual choice behavior.
.. [3] Beggs, Cardell & Hausman (1981), Assessing the potential demand for electric cars.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.choices.choice_model import Choices, Floats, strength_features
from analysis.statistics.estimable import NotEstimableError


@dataclass(frozen=True, slots=True)
class Order:
    """Places that a listener gave the systems of one page."""

    participant: str
    places: Mapping[str, int]


def first_choices(order: Order) -> Iterator[tuple[str, frozenset[str]]]:
    """Each chosen system with its alternatives; stops when all remaining systems share a place."""
    left = sorted(order.places, key=lambda name: (order.places[name], name))
    while len(left) > 1 and order.places[left[0]] < order.places[left[1]]:
        yield left[0], frozenset(left)
        left = left[1:]


def wins_of(orders: Sequence[Order], systems: Sequence[str]) -> Floats:
    """How often the row's system was chosen when the column's was available, shape (k, k)."""
    place = {name: index for index, name in enumerate(systems)}
    wins = np.zeros((len(systems), len(systems)))
    for order in orders:
        for chosen, among in first_choices(order):
            for other in among - {chosen}:
                wins[place[chosen], place[other]] += 1
    return wins


def order_choices(
    orders: Sequence[Order], systems: Sequence[str], people: Sequence[str]
) -> Choices:
    """Orders of the named systems as a series of choices; other systems are removed.

    Parameters
    ----------
    orders
        One a page.
    systems
        Systems that get a strength; the last system's strength is fixed at 0.
    people
        Listeners, in the order of the scores of the model.

    Raises
    ------
    NotEstimableError
        No answer prefers one of these systems to another one.
    """
    kept = frozenset(systems)
    who = {name: index for index, name in enumerate(people)}
    counts: Counter[tuple[int, frozenset[str], str]] = Counter()
    for order in orders:
        for chosen, among in first_choices(order):
            if chosen in kept and len(among & kept) > 1:
                counts[who[order.participant], among & kept, chosen] += 1
    if not counts:
        raise NotEstimableError(
            "No listener's answer prefers one of the compared systems to another, so the systems "
            "cannot be compared."
        )
    sets = list(dict.fromkeys(among for _, among, _ in counts))
    listed = [[name for name in systems if name in among] for among in sets]
    number = {among: index for index, among in enumerate(sets)}
    k, widest = len(systems), max(map(len, listed))
    strength = strength_features(k)
    x, offered = np.zeros((len(sets), widest, k - 1)), np.zeros((len(sets), widest), dtype=bool)
    place = {name: index for index, name in enumerate(systems)}
    for index, names in enumerate(listed):
        x[index, : len(names)] = strength[[place[name] for name in names]]
        offered[index, : len(names)] = True
    answers = [
        (number[among], listed[number[among]].index(chosen), listener)
        for listener, among, chosen in counts
    ]
    asked, chosen_at, listener = np.array(answers, dtype=np.int64).T
    times = np.array(list(counts.values()), dtype=float)
    return Choices(x, offered, asked, chosen_at, listener, times, len(people))
