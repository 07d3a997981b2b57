"""Numbers of the report: written as papers write them, tied to their place in results.json."""

from __future__ import annotations

import pytest

from analysis.report.number_text import Numbers, pointer, shown
from analysis.report.placed import placed
from analysis.scale import SCALE, Scale


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (0.0361, "p", "= .036"), (0.00099, "p", "< .001"), (0.9999, "p", "> .999"),
        (0.05, "p_cell", ".050"), (-2.8167, "points", "−2.8"), (-0.04, "points", "0.0"),
        (40.849999999, "points", "40.9"), (2.25, "signed", "+2.3"), (0.0, "signed", "0.0"),
        (78.37535, "df", "78.38"), (0.0043906, "measure", "0.0044"), (-0.3398, "measure", "−0.34"),
        (0.0, "measure", "0"),
        (2.9315, "measure", "2.93"), (81.0000001, "df", "81"), (0.6112598, "unit", ".61"),
        (1.0, "unit", "1.00"), (6000, "count", "6,000"), (1 / 3, "percent", "33 %"),
        (2977437.9, "bayes", "> 1000"), (0.4223846, "bayes", "0.422"), (5.0, "setting", "5"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_papers_write_them(value: float, style: str, text: str) -> None:
    """APA: no leading zero for p, three decimals, never p = .000; a true minus sign."""
    assert shown(value, style) == text


def test_a_number_that_is_not_there_is_a_dash() -> None:
    """Null and text are no numbers; what does not exist is a fault of the template."""
    found = {"a": {"b": None, "c": "x"}, "rows": [1.5, 2]}
    number, results = Numbers({}, SCALE), placed(found)
    for value in (results.a.b, results.a.c, True):
        assert "–" in number(value)
    assert [number(value) for value in results.rows] == [
        '<data value="1.5" data-path="/rows/0" data-style="points">1.5</data>',
        '<data value="2" data-path="/rows/1" data-style="points">2.0</data>',
    ]
    with pytest.raises(AttributeError, match="nowhere"):
        number(results.a.nowhere)


@pytest.mark.parametrize(
    ("scale", "low", "high", "shown_low", "shown_high"),
    [
        ({}, 92.6, 107.4, "92.6", "100.0"),
        ({}, -3.0, 42.4, "0.0", "42.4"),
        ({"minimum": 1.0, "maximum": 5.0, "step": 1.0}, 0.91, 5.0, "1.00", "5.00"),
        ({"minimum": -3.0, "maximum": 3.0}, -3.0, 3.2, "−3.00", "3.00"),
    ],
)
def test_an_interval_of_a_mean_ends_where_its_scale_does(
    scale: dict[str, float], low: float, high: float, shown_low: str, shown_high: str
) -> None:
    """The value stays that of results.json; a mark, and words for whoever listens, say the rest."""
    own = Scale(**scale)
    found = {"attributes": {"overall": {"ci": [low, high]}}}
    number, ends = Numbers({"overall": own}, own), placed(found).attributes.overall.ci
    minimum, maximum = own.minimum, own.maximum
    for value, text, mark in ((ends[0], shown_low, "◂"), (ends[1], shown_high, "▸")):
        written = number(value, style="mean")
        assert f'<data value="{float(value)!r}" data-path="/attributes/overall/ci/' in written
        assert f">{text}</data>" in written
        is_beyond = not minimum <= value <= maximum
        assert (mark in written, "and beyond" in written) == (is_beyond, is_beyond)


def test_pointers_follow_rfc_6901() -> None:
    """Slashes and tildes in names are escaped."""
    assert pointer(("a/b", "m~n", 0)) == "/a~1b/m~0n/0"
    with pytest.raises(ValueError, match="Unknown number style"):
        shown(1.0, "fancy")
