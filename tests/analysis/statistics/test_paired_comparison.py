"""The exact binomial against printed numbers."""

import pytest

from analysis.statistics.paired_comparison import better_than_guessing


def test_abx_by_the_printed_table() -> None:
    """12 of 16 right: p = .0384; exact limits .476 and .927."""
    found = better_than_guessing(12, 16)
    assert found.p == pytest.approx(0.0384, abs=5e-5)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.4762, 0.9273), abs=5e-5)


def test_limits_reach_the_ends() -> None:
    """None right: from 0; all right: to 1 and p = 2^-n; impossible counts are refused."""
    assert better_than_guessing(0, 10).ci_low == 0
    assert better_than_guessing(0, 10).p == 1
    assert better_than_guessing(10, 10).ci_high == 1
    assert better_than_guessing(10, 10).p == pytest.approx(2**-10)
    with pytest.raises(ValueError, match="between 0"):
        better_than_guessing(11, 10)
