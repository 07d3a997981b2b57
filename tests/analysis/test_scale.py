"""Scales of ratings: what one is, how a table says it, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.ratings.margin import margins_of, primary_of
from analysis.ratings.table import RatingsError, check_ratings
from analysis.scale import (
    COLUMNS,
    Scale,
    likely_scales,
    on_one_scale,
    scale_from_text,
    scales_of,
    shares,
    with_scale,
)


def table(*values: object, attribute: str = "overall") -> pd.DataFrame:
    """One participant's ratings of one system, a song each."""
    songs = [f"s{index}" for index in range(len(values))]
    return pd.DataFrame(
        {"participant": "A", "song": songs, "system": "x", "attribute": attribute, "rating": values}
    )


@pytest.mark.parametrize(
    ("text", "scale"),
    [("1:5", Scale(1, 5)), ("1:5:1", Scale(1, 5, 1)), ("-3:3", Scale(-3, 3))],
)
def test_a_scale_is_read_as_it_is_written(text: str, scale: Scale) -> None:
    """Ends, and the step where there is one; it is written back in the same form."""
    assert scale_from_text(text) == scale
    assert scale_from_text(scale.option) == scale


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5:1", "lower end of a scale must be below the upper one, not 5 and 1"),
        ("3:3", "not 3 and 3"),
        ("1:5:3", "Steps of 3 do not lead exactly from 1 to 5"),
        ("1:5:0", "Steps of 0 do not lead"),
        ("1:5:-1", "Steps of -1 do not lead"),
        ("0:inf", "A scale needs two ends"),
        ("1", "write it as 1:5"),
        ("1-5", "write it as 1:5"),
        ("1:5:1:1", "write it as 1:5"),
    ],
)
def test_what_is_no_scale_is_refused(text: str, words: str) -> None:
    """One sentence says what is wrong."""
    with pytest.raises(ValueError, match=words):
        scale_from_text(text)


def test_a_share_of_a_scale_is_free_of_binary_noise() -> None:
    """The 90 of 0 to 100 is 4.6 of 1 to 5 and 2.4 of −3 to 3, exactly."""
    assert [scale.at(0.9) for scale in (Scale(), Scale(1, 5), Scale(-3, 3))] == [90.0, 4.6, 2.4]
    assert [scale.points(0.05) for scale in (Scale(), Scale(1, 5), Scale(-3, 3))] == [5.0, 0.2, 0.3]


def test_numbers_have_as_many_decimals_as_their_scale_asks_for() -> None:
    """A hundredth of a five-point scale is as fine as a point of a hundred."""
    scales = (Scale(), Scale(1, 5), Scale(0, 10), Scale(0, 1), Scale(0, 1000))
    assert [scale.decimals for scale in scales] == [1, 2, 2, 3, 1]


def test_a_table_says_its_scale_on_every_row() -> None:
    """Text or numbers, an empty step meaning any value between."""
    told = table("1", "4.5").assign(scale_minimum="1", scale_maximum="5", scale_step="")
    checked = check_ratings(told)
    assert scales_of(checked) == {"overall": Scale(1, 5)}
    assert shares(checked).tolist() == [0.0, 0.875]
    assert scales_of(check_ratings(with_scale(table(1, 5), Scale(1, 5, 1)))) == {
        "overall": Scale(1, 5, 1)
    }


def test_a_table_whose_scale_is_empty_stands_on_0_to_100() -> None:
    """Empty columns say nothing, and are left out of what is checked."""
    checked = check_ratings(table(1, 70).assign(**dict.fromkeys(COLUMNS, "")))
    assert not set(COLUMNS) & set(checked)
    assert scales_of(checked) == {"overall": Scale()}


def test_attributes_may_stand_on_different_scales() -> None:
    """One that says none stands on 0 to 100; what needs one scale counts in per cent of each."""
    both = pd.concat([with_scale(table(1, 5), Scale(1, 5)), table(0, 50, attribute="width")])
    checked = check_ratings(both)
    assert scales_of(checked) == {"overall": Scale(1, 5), "width": Scale()}
    together, scale = on_one_scale(checked)
    assert scale == Scale()
    assert together["rating"].tolist() == [0.0, 100.0, 0.0, 50.0]


def test_ratings_of_one_scale_are_left_as_they_are() -> None:
    """Nothing is turned into per cent where all attributes share a scale."""
    checked = check_ratings(with_scale(table(1, 4.3), Scale(1, 5)))
    together, scale = on_one_scale(checked)
    assert together is checked
    assert scale == Scale(1, 5)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (with_scale(table(2, 6), Scale(1, 5)), r"Row 3 .*the rating 6 lies outside .* from 1 to 5"),
        (with_scale(table(-4), Scale(-3, 3)), r"the rating -4 lies outside the scale from −3 to 3"),
        (with_scale(table(2, 2.5), Scale(1, 5, 1)), r"Row 3 .*2.5 lies between two values .* 5"),
        (table(2).assign(scale_minimum=5, scale_maximum=1), r"not possible\. The lower"),
        (table(2).assign(scale_minimum="a", scale_maximum=1), "scale_minimum holds a value"),
        (table(2).assign(scale_minimum=1, scale_maximum=""), "A scale needs two ends"),
        (table(2, 3).assign(scale_minimum=[1, 0], scale_maximum=5), "has more than one"),
        (
            table(2, 3).assign(scale_minimum=[1, 0], scale_maximum=5, part=["acr", "sliders"]),
            "has the parts acr, sliders: take one of them",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_scale_is_refused(frame: pd.DataFrame, words: str) -> None:
    """The row or the attribute is named."""
    with pytest.raises(RatingsError, match=words):
        check_ratings(frame)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([0.2, 0.9], ["0:1", "0:10", "-3:3"]),
        ([1, 5], ["1:5", "1:7", "0:10", "1:10"]),
        ([2, 7], ["1:7", "0:10", "1:10"]),
        ([-2, 3], ["-3:3"]),
        ([0, 10], ["0:10"]),
        ([1, 11], []),
        ([0, 100], []),
    ],
)
def test_likely_scales_are_those_that_hold_all_ratings(
    values: list[float], options: list[str]
) -> None:
    """The shortest first; none where a rating lies outside all of them."""
    assert [scale.option for scale in likely_scales(pd.Series(values, dtype=float))] == options


def test_a_margin_is_the_same_share_of_every_scale() -> None:
    """Given in points of the attribute that answers; 5 % of each range where none is given."""
    scales = {"mos": Scale(1, 5), "overall": Scale(), "width": Scale(0, 10)}
    assert margins_of(scales, None, "overall") == {"mos": 0.2, "overall": 5.0, "width": 0.5}
    assert margins_of(scales, 7.0, "overall") == {"mos": 0.28, "overall": 7.0, "width": 0.7}
    assert margins_of(scales, 1.0, "mos") == {"mos": 1.0, "overall": 25.0, "width": 2.5}


@pytest.mark.parametrize("margin", [0.0, -1.0, 4.1])
def test_a_margin_off_the_scale_is_refused(margin: float) -> None:
    """Nothing is equivalent within nothing, and everything within more than the scale."""
    with pytest.raises(RatingsError, match=r"above 0 points and at most 4.*from 1 to 5"):
        margins_of({"mos": Scale(1, 5)}, margin, "mos")


def test_the_attribute_that_answers_is_the_one_named_else_overall_else_the_first() -> None:
    """Whatever the case of its letters."""
    assert primary_of(["a", "Overall"], "a") == "a"
    assert primary_of(["a", "Overall"]) == "Overall"
    assert primary_of(["b", "a"], "gone") == "b"
    assert primary_of([]) is None
