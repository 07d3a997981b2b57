"""The test of Li (2022): ratings of each system are pooled, over all groups and in each group.

The pooled test is computed only if it is requested, for comparison with Li (2022). This project
draws no conclusions from the pooled test.
"""

from analysis.findings.pairs import PooledMannWhitney
from analysis.methods.base import Method, MethodInput, with_groups
from analysis.statistics.pooled_mann_whitney import POOLING_WARNING, pooled_pairs

NAME = "pooled_mann_whitney"


def _by_group(given: MethodInput) -> list[PooledMannWhitney]:
    rows = given.rows
    return [
        row for group in given.groups for row in pooled_pairs(rows[rows["group"] == group], group)
    ]


METHODS = {
    NAME: Method(
        place=110,
        compute=lambda given: pooled_pairs(given.rows),
        on_request=NAME,
        warning=POOLING_WARNING,
    ),
    f"{NAME}_by_group": Method(place=130, compute=_by_group, applies=with_groups, on_request=NAME),
}
