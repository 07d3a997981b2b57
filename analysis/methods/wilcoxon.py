"""`wilcoxon`: the exact signed-rank test of each pair, on listener means."""

import pandas as pd

from analysis.findings.pairs import Wilcoxon, Wilcoxons
from analysis.methods.base import Method
from analysis.statistics.paired import hodges_lehmann, wilcoxon
from analysis.statistics.pairs import Pair, per_pair, with_holm


def wilcoxon_rows(cells: pd.DataFrame) -> Wilcoxons:
    """Section `wilcoxon`."""

    def test(pair: Pair) -> Wilcoxon:
        found, shift = wilcoxon(pair.d), hodges_lehmann(pair.d)
        return Wilcoxon(
            *pair.head,
            n_zero=found.n_zero,
            v=found.v,
            p_exact=found.p,
            method=found.method,
            hodges_lehmann=shift.estimate,
            ci_low=shift.ci_low,
            ci_high=shift.ci_high,
            coverage=shift.coverage,
            rank_biserial=found.rank_biserial,
        )

    return with_holm(per_pair(cells, test), lambda row: row.p_exact)


METHOD = Method(place=70, compute=lambda given: wilcoxon_rows(given.cells))
