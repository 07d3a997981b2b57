"""`tost`: test whether each pair is equivalent within the margin, and the verdict."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.findings.pairs import EquivalenceTest, EquivalenceTests
from analysis.findings.sections import PairNotEstimable, rows_of
from analysis.methods.base import Method
from analysis.statistics.equivalence import interval_bayes_factor, jzs_bayes_factor, tost, verdict
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired_t import paired_t, spread
from analysis.statistics.pairs import PairBlock, per_block, with_holm


def tost_rows(cells: pd.DataFrame, margin: float) -> EquivalenceTests:
    """Section `tost`: test whether each difference is within the margin, and the verdict."""

    def test(pairs: PairBlock) -> list[EquivalenceTest]:
        t, n = paired_t(pairs.x, pairs.y), pairs.x.shape[1]
        bf10 = jzs_bayes_factor(t.t, n)
        inside, outside = interval_bayes_factor(t.t, n, margin / spread(pairs.x - pairs.y))
        with np.errstate(divide="ignore", invalid="ignore"):
            bf_interval = np.where(outside > 0, inside / outside, np.inf)
            bf01 = 1 / bf10
        return pairs.rows(
            EquivalenceTest,
            estimate=t.estimate,
            se=t.se,
            df=t.df,
            **vars(tost(t.estimate, t.se, t.df, margin)),
            p_difference=t.p,
            bf10=bf10,
            bf01=bf01,
            bf_interval=bf_interval,
        )

    rows = with_holm(per_block(cells, test), lambda row: row.p)
    p_difference = iter(adjusted([row.p_difference for row in rows_of(rows)]))
    return [
        row if isinstance(row, PairNotEstimable) else _judged(row, next(p_difference))
        for row in rows
    ]


def _judged(row: EquivalenceTest, p_difference: float) -> EquivalenceTest:
    told = verdict(p_difference, row.p_holm)
    return replace(row, p_difference_holm=p_difference, verdict=told)


METHOD = Method(place=90, compute=lambda given: tost_rows(given.cells, given.settings.margin))
