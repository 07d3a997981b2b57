"""The benchmark's table says what was measured and what was wanted."""

from __future__ import annotations

from mixing.bench import cpu_seconds, table


def test_the_table_holds_every_time_and_the_right_ratios() -> None:
    """Ratios are computed by hand here."""
    chain = {
        "chain": 2.0,
        "one pass": 4.0,
        "floor": 1.0,
        "compression to target": 0.5,
        "masking decision": 0.25,
        "naive search": 6.0,
        "naive chain": 9.0,
    }
    text = table(chain, {"our meters": 0.1, "pyebur128": 0.3, "pyloudnorm": 1.2})
    lines = text.splitlines()
    assert "| naive chain | 9.000 |" in lines
    assert "| chain / one pass without metering | 0.50 | at most 0.7 |" in lines
    assert "| chain / decode, add, encode | 2.00 | at most 1.5 |" in lines
    assert "| masking decision / decode, add, encode | 0.25 | at most 0.3 |" in lines
    assert "| naive chain / chain | 4.50 | at least 6 |" in lines
    assert "| naive search / compression to target | 12.00 | at least 6 |" in lines
    assert "| pyebur128 / our meters | 3.00 | at least 2 |" in lines
    assert "| pyloudnorm / our meters | 12.00 | at least 7 |" in lines


def test_the_first_run_does_not_count() -> None:
    """It pays for compilation and caches: one run more than asked for, and a time of at least 0."""
    calls = []
    assert cpu_seconds(lambda: calls.append(1), runs=3) >= 0
    assert len(calls) == 4
