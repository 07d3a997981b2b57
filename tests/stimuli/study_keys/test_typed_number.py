"""Numbers as people type them, in every language of a study: one meaning, or none."""

from __future__ import annotations

import pytest

from stimuli.study_keys.typed_number import stored_number, typed_number


@pytest.mark.parametrize(
    ("typed", "decimals", "stored"),
    [
        ("2.5", 1, "2.5"),
        ("2,5", 1, "2.5"),
        ("  2,5 ", 1, "2.5"),
        ("2,5", 2, "2.50"),
        ("+2.5", 1, "2.5"),
        ("-2,5", 1, "-2.5"),
        ("\N{MINUS SIGN}2,5", 1, "-2.5"),
        (".5", 1, "0.5"),
        ("7", 1, "7.0"),
        ("007", 0, "7"),
        ("-0", 0, "0"),
        ("-0,0", 1, "0.0"),
        ("123456789012345,678", 3, "123456789012345.678"),
        ("\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH FULL STOP}\N{FULLWIDTH DIGIT FIVE}", 1, "2.5"),
        ("2\N{FULLWIDTH COMMA}5", 1, "2.5"),
        ("2\N{IDEOGRAPHIC FULL STOP}5", 1, "2.5"),
        ("\N{ARABIC-INDIC DIGIT TWO}\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC-INDIC DIGIT FIVE}",
         1, "2.5"),
        ("\N{DEVANAGARI DIGIT ONE}\N{DEVANAGARI DIGIT ZERO}", 0, "10"),
        ("2,5", 0, None),
        ("2.5", 0, None),
        ("1,000", 0, None),
        ("1.000", 0, None),
        ("2.", 0, None),
        ("2.", 1, None),
        ("2,55", 1, None),
        ("1,000", 1, None),
        ("1,000.5", 1, None),
        ("1.000,5", 1, None),
        ("1 000", 0, None),
        ("2..5", 1, None),
        ("2,5 h", 1, None),
        ("1e3", 0, None),
        ("0x10", 0, None),
        ("1_000", 0, None),
        ("nan", 1, None),
        ("inf", 1, None),
        ("--2", 0, None),
        ("-", 0, None),
        (".", 1, None),
        ("", 0, None),
        ("two", 0, None),
        ("\N{SUPERSCRIPT TWO}\N{VULGAR FRACTION ONE HALF}", 1, None),
        ("1234567890123456", 0, None),
    ],
)  # fmt: skip
def test_what_is_typed_has_one_meaning_or_none(
    typed: str, decimals: int, stored: str | None
) -> None:
    """Point and comma are the same; what might be a thousand is never taken for one."""
    value = typed_number(typed, decimals)
    assert (None if value is None else stored_number(value, decimals)) == stored
