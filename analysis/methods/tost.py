"""`tost`: whether each pair is equivalent within the margin, and the verdict."""

import numpy as np
import pandas as pd

from analysis.methods.base import Method, Row
from analysis.statistics.equivalence import interval_bayes_factor, jzs_bayes_factor, tost, verdict
from analysis.statistics.multiplicity import adjusted
from analysis.statistics.paired_t import paired_t, spread
from analysis.statistics.pairs import Pair, per_pair


def tost_rows(cells: pd.DataFrame, margin: float) -> list[Row]:
    """Section `tost`: whether each difference lies within the margin, and the verdict."""

    def test(pair: Pair) -> Row:
        t, n = paired_t(pair.x, pair.y), len(pair.d)
        found = tost(t["estimate"], t["se"], t["df"], margin)
        bf10 = float(jzs_bayes_factor(t["t"], n))
        inside, outside = interval_bayes_factor(t["t"], n, margin / spread(pair.d))
        return {
            "estimate": t["estimate"],
            "se": t["se"],
            "df": t["df"],
            **vars(found),
            "p_difference": t["p"],
            "bf10": bf10,
            "bf01": 1 / bf10,
            "bf_interval": inside / outside if outside > 0 else float("inf"),
        }

    rows = per_pair(cells, test, p=None)
    raw = [row.get("p_difference", np.nan) for row in rows]
    equal = [row.get("p", np.nan) for row in rows]
    for row, p_difference, p_equal in zip(rows, adjusted(raw), adjusted(equal), strict=True):
        if "p" in row:
            row["p_difference_holm"], row["p_holm"] = p_difference, p_equal
            row["verdict"] = verdict(p_difference, p_equal)
    return rows


METHOD = Method(place=90, compute=lambda given: tost_rows(given.cells, given.settings.margin))
