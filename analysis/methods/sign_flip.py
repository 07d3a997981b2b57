"""`sign_flip`: the permutation test of each pair, on listener means."""

import pandas as pd

from analysis.methods.base import Method, Row
from analysis.statistics.paired import sign_flip
from analysis.statistics.pairs import Pair, per_pair


def sign_flip_rows(cells: pd.DataFrame, seed: int) -> list[Row]:
    """Section `sign_flip`."""

    def test(pair: Pair) -> Row:
        p, method, n_patterns = sign_flip(pair.d, seed)
        return {"p": p, "method": method, "n_patterns": n_patterns}

    return per_pair(cells, test)


METHOD = Method(place=80, compute=lambda given: sign_flip_rows(given.cells, given.settings.seed))
