"""`paired_t`: Student's paired t test of each pair, on listener means."""

import pandas as pd

from analysis.findings.pairs import PairedT, PairedTs
from analysis.methods.base import Method
from analysis.statistics.paired_t import paired_t
from analysis.statistics.pairs import PairBlock, per_block, with_holm


def paired_t_rows(cells: pd.DataFrame) -> PairedTs:
    """Section `paired_t`."""

    def test(pairs: PairBlock) -> list[PairedT]:
        return pairs.rows(PairedT, **vars(paired_t(pairs.x, pairs.y)))

    return with_holm(per_block(cells, test), lambda row: row.p)


METHOD = Method(place=60, compute=lambda given: paired_t_rows(given.cells))
