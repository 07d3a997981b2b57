"""`sign_flip`: permutation test of each pair with random signs, on listener means."""

import pandas as pd

from analysis.findings.pairs import SignFlip, SignFlips
from analysis.methods.base import Method
from analysis.statistics.paired import sign_flip
from analysis.statistics.pairs import Pair, per_pair, with_holm


def sign_flip_rows(cells: pd.DataFrame, seed: int) -> SignFlips:
    """Section `sign_flip`."""

    def test(pair: Pair) -> SignFlip:
        return SignFlip(*pair.head, *sign_flip(pair.d, seed))

    return with_holm(per_pair(cells, test), lambda row: row.p)


METHOD = Method(place=80, compute=lambda given: sign_flip_rows(given.cells, given.settings.seed))
