"""The test of Li (2022): all ratings of a system pooled, and the same in each group.

Kept so that a study can be set beside theirs; it is not what this project concludes from.
"""

from analysis.methods.base import Method, MethodInput, Row, with_groups
from analysis.statistics.pooled_mann_whitney import pooled_pairs


def _by_group(given: MethodInput) -> list[Row]:
    rows = given.rows
    return [
        {"group": group, **pair}
        for group in given.groups
        for pair in pooled_pairs(rows[rows["group"] == group])
    ]


METHODS = {
    "pooled_mann_whitney": Method(place=110, compute=lambda given: pooled_pairs(given.rows)),
    "pooled_mann_whitney_by_group": Method(place=130, compute=_by_group, applies=with_groups),
}
