"""`wilcoxon`: the exact signed-rank test of each pair, on listener means."""

import pandas as pd

from analysis.methods.base import Method, Row
from analysis.statistics.paired import hodges_lehmann, wilcoxon
from analysis.statistics.pairs import Pair, per_pair


def wilcoxon_rows(cells: pd.DataFrame) -> list[Row]:
    """Section `wilcoxon`."""

    def test(pair: Pair) -> Row:
        found, shift = wilcoxon(pair.d), hodges_lehmann(pair.d)
        return {
            "n_zero": found.n_zero,
            "v": found.v,
            "p_exact": found.p,
            "method": found.method,
            "hodges_lehmann": shift.estimate,
            "ci_low": shift.ci_low,
            "ci_high": shift.ci_high,
            "coverage": shift.coverage,
            "rank_biserial": found.rank_biserial,
        }

    return per_pair(cells, test, p="p_exact")


METHOD = Method(place=70, compute=lambda given: wilcoxon_rows(given.cells))
