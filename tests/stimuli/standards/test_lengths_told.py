"""Lengths of excerpts in sentences: all of them, some, one, and once where they are the same."""

from __future__ import annotations

import pytest

from stimuli.design.session_length import lasting, share_lasting, span_s


@pytest.mark.parametrize(
    ("lengths_s", "n", "words"),
    [
        ([6.0, 6.0, 6.02, 6.0], 4, "all 4 last 6.0 s"),
        ([6.0, 7.0], 2, "all 2 last 6.0 to 7.0 s"),
        ([6.0], 1, "the only one lasts 6.0 s"),
        ([6.0], 4, "1 of 4 lasts 6.0 s"),
        ([6.0, 31.0], 4, "2 of 4 last 6.0 to 31.0 s"),
    ],
)
def test_lengths_are_told_as_a_reader_would(lengths_s: list[float], n: int, words: str) -> None:
    """No "4 of 4", and no span between a length and itself."""
    assert lasting(lengths_s, n) == words


def test_a_length_that_looks_the_same_stands_once() -> None:
    """As the first decimal shows it; a limit follows the share in other sentences."""
    assert span_s([12.0, 12.04]) == "12.0 s"
    assert f"{share_lasting(1, 3)} longer than 12 s" == "1 of 3 lasts longer than 12 s"
