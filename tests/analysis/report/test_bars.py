"""Bars of means in the answer: an interval that leaves the scale ends there, and it is said."""

from __future__ import annotations

import re

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.report.number_text import Numbers
from analysis.report.page import TEMPLATES
from analysis.report.placed import placed
from analysis.scale import Scale, number_text

BARS = '{% import "macros.html.j2" as m with context %}{{ m.bars(answer, scale, words) }}'


WORDS = ("Bad", "Excellent")


def bars(scale: Scale, *intervals: tuple[float, float], words: tuple[str, ...] = WORDS) -> str:
    """Bars of systems a, b, … with these intervals, as the report has them."""
    rows = [
        {"system": name, "mean": (low + high) / 2, "ci_low": low, "ci_high": high}
        for name, (low, high) in zip("abc", intervals, strict=False)
    ]
    results = {
        "attributes": {"overall": {}},
        "report": {"answers": {"overall": {"means": rows[:-1], "apart": rows[-1:]}}},
    }
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return environment.from_string(BARS).render(
        answer=placed(results).report.answers.overall,
        scale=scale,
        words=words,
        number=Numbers({"overall": scale}, scale),
        number_text=number_text,
        colour=lambda _system: "#000000",
    )


def test_an_interval_beyond_the_scale_is_cut_marked_and_told_in_words() -> None:
    """On 1 to 5: a from 3 to 5.4 is drawn from half of the scale to its end, c starts below it."""
    text = bars(Scale(1, 5, 1), (3.0, 5.4), (2.0, 4.0), (0.6, 2.0))
    assert re.findall(r"left:([\d.]+)%;width:([\d.]+)%", text) == [
        ("50.00", "50.00"), ("25.00", "50.00"), ("0.00", "25.00"),
    ]  # fmt: skip
    assert (text.count('class="beyond high"'), text.count('class="beyond low"')) == (1, 1)
    words = " ".join(re.sub("<[^>]*>", " ", text).split())
    assert "beyond the end of the scale. Systems with such an interval: a and c ." in words


def test_intervals_inside_the_scale_have_no_mark() -> None:
    """Nor has one that ends where the scale does."""
    text = bars(Scale(-3, 3), (-3.0, 1.0), (0.0, 3.0))
    assert "beyond" not in text


def test_a_scale_without_words_has_its_numbers_alone() -> None:
    """As of a table whose scale was given as 1:5:1."""
    text = bars(Scale(1, 5, 1), (2.0, 3.0), words=())
    assert re.findall(r"<span>([^<]*)</span>", text)[-2:] == ["1 ", " 5"]
