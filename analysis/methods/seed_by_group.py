"""`seed_by_group`: the seed study's pooled test inside each listener group."""

from analysis.methods.base import Given, Method, Row, with_groups
from analysis.statistics.pooled_mann_whitney import pooled_pairs


def compute(given: Given) -> list[Row]:
    """The pooled pairs of one group after another."""
    rows = given.rows
    return [
        {"group": group, **pair}
        for group in given.groups
        for pair in pooled_pairs(rows[rows["group"] == group])
    ]


METHOD = Method(place=130, compute=compute, applies=with_groups)
