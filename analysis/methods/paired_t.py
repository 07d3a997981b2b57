"""`paired_t`: Student's paired test of each pair, on listener means."""

import pandas as pd

from analysis.methods.base import Method, Row
from analysis.statistics.paired_t import paired_t
from analysis.statistics.pairs import per_pair


def paired_t_rows(cells: pd.DataFrame) -> list[Row]:
    """Section `paired_t`."""
    return per_pair(cells, lambda pair: paired_t(pair.x, pair.y))


METHOD = Method(place=60, compute=lambda given: paired_t_rows(given.cells))
