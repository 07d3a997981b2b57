"""Scales of the answers on Likert pages, read from a configuration of webMUSHRA.

The front end posts the value of the response that was chosen, but not the other responses and their
order. If all values of responses are numbers, these numbers are the values of the scale. If
responses are words, they are counted from 1 in the order in which they are on the page. `mixtrial
import study` reads the values of responses by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis.ratings.table import RatingsError
from analysis.scale import Scale, number_text, with_scale
from mixtrial.imports.reading.lenient_yaml import Entry, read_lenient_yaml
from mixtrial.imports.reading.project import projects_at

_LIKERT = ("likert_multi_stimulus", "likert_single_stimulus")
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class ResponseScale:
    """A scale, and for the value of each response the number on this scale."""

    scale: Scale
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Responses:
    """Content of a configuration: its test, and the scales of each Likert page by its ``id``."""

    test: str
    title: str
    pages: Mapping[str, tuple[ResponseScale, ...]]

    def applied(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of Likert pages with numbers as ratings, and the scale of each row.

        Parameters
        ----------
        rows
            Rows in mixtrial's columns, as text. ``song`` is the id of a page. ``attribute`` ends in
            the number of the scale if a page has several scales.

        Raises
        ------
        RatingsError
            An answer is not among the responses of its page.
        """
        parts = []
        numbered = rows.reset_index(drop=True)  # one row per rating scale
        for (page, attribute), own in numbered.groupby(["song", "attribute"], sort=False):
            scales = self.pages.get(str(page), ())
            at = int(number) - 1 if (number := str(attribute).split(" ")[-1]).isdecimal() else 0
            if at >= len(scales):
                parts.append(own)
                continue
            parts.append(_on_scale(own, scales[at], str(page)))
        return _apart(pd.concat(parts).sort_index().set_axis(rows.index)) if parts else rows


def _on_scale(rows: pd.DataFrame, own: ResponseScale, page: str) -> pd.DataFrame:
    said = rows["rating"].str.strip()
    odd = said[(said != "") & (said != "NA") & ~said.isin(list(own.numbers))]
    if len(odd):
        known = ", ".join(own.numbers)
        raise RatingsError(f"{odd.iloc[0]!r} is not a response of the page {page} ({known}).")
    return with_scale(rows.assign(rating=said.map(own.numbers).fillna("")), own.scale)


def _apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows in which each attribute has one scale; an attribute with several scales is divided."""
    if "scale_minimum" not in rows:
        return rows
    ends = [
        f"{low:g}:{high:g}" if pd.notna(low) else ""
        for low, high in zip(rows["scale_minimum"], rows["scale_maximum"], strict=True)
    ]
    told = pd.Series(ends, rows.index)
    differs = told.groupby(rows["attribute"]).transform("nunique") > 1
    named = (rows["attribute"] + " " + told).str.strip()
    return rows.assign(attribute=rows["attribute"].where(~differs, named))


def responses_of(path: Path) -> Responses:
    """Read a configuration; its audio files need not exist.

    Raises
    ------
    StudyError
        The configuration cannot be read.
    RatingsError
        The file is not a configuration of webMUSHRA, or one of its Likert pages has fewer than
        two responses.
    """
    found = [project for project in projects_at(path) if path.is_file()]
    root = read_lenient_yaml(path.name, found[0].text).root if found else None
    keys = root.keys if root is not None else {}
    if "pages" not in keys or "testId" not in keys:
        raise RatingsError(
            f"{path} is not a configuration of webMUSHRA, because it has no testId or no pages."
        )
    pages = {
        page["id"].text: tuple(
            _scale_of(each, f"{path.name}, line {page['response'].line}")
            for each in _lists(page["response"])
        )
        for page in _pages(keys["pages"])
        if page.keys() >= {"id", "type", "response"} and page["type"].text in _LIKERT
    }
    title = keys["testname"].text if "testname" in keys else ""
    return Responses(keys["testId"].text, title, pages)


def _pages(entry: Entry) -> Iterator[Mapping[str, Entry]]:
    for each in entry.items:
        if each.items:
            yield from _pages(each)
        elif each.keys:
            yield each.keys


def _lists(response: Entry) -> list[tuple[Entry, ...]]:
    """Responses of each scale; a page with one scale has no list around its responses."""
    if any(each.items for each in response.items):
        return [each.items for each in response.items]
    return [response.items]


def _scale_of(responses: tuple[Entry, ...], place: str) -> ResponseScale:
    values = [each.keys["value"] for each in responses if "value" in each.keys]
    numbers = [value.number for value in values if value.number is not None]
    if len(numbers) < len(values) or len(set(numbers)) < len(numbers):
        numbers = [float(place) for place in range(1, len(values) + 1)]
    if len(numbers) < len(("lowest", "highest")):
        raise RatingsError(f"{place}: A page needs at least two responses, each with its value.")
    texts = [number_text(number).replace("−", "-") for number in numbers]
    return ResponseScale(
        _through(sorted(numbers)),
        {value.text.strip(): text for value, text in zip(values, texts, strict=True)},
    )


def _through(numbers: list[float]) -> Scale:
    """Scale from the lowest to the highest number, with a step if the numbers are evenly spaced."""
    steps = [high - low for low, high in pairwise(numbers)]
    is_even = max(steps) - min(steps) < _SAME
    return Scale(numbers[0], numbers[-1], steps[0] if is_even else None)
