"""A session of the Web Audio Evaluation Tool (WAET): XML, which holds its test as well.

A value is of one interface, which APE names by its axis; a page of the name ``x-repeat-2`` is the
page ``x`` once more. Only pages that were completed are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from analysis.ratings.table import RatingsError
from analysis.scale import SCALE, with_scale
from analysis.trial_columns import PREFERENCE
from mixtrial.imports.reading.guarded_xml import XmlElement, read_guarded_xml
from mixtrial.imports.results.format import Reading, ResultsFormat, with_answers_of_one
from mixtrial.imports.results.records import rows_of_records
from mixtrial.imports.results.results_file import ResultsFile

ROOT = "waetresult"
SLIDERS = ("APE", "MUSHRA", "horizontal", "ordinal")
"""Interfaces whose values go from 0 to 1."""
_REPEAT = re.compile(r"(?P<page>.+)-repeat-(?P<n>\d+)")
_COMPLETE = "complete"


def _read(file: ResultsFile) -> Reading:
    root = read_guarded_xml(file.name, file.content)
    pages = root.all("page")
    done = [page for page in pages if page.attributes.get("state", _COMPLETE) == _COMPLETE]
    refused = tuple((page.line, f"the page {page.attributes.get('ref', '')} was not completed")
                    for page in pages if page not in done)  # fmt: skip
    interface = _interface(root)
    key = root.attributes.get("key", "")
    who = key or PurePath(file.name).stem
    if interface in ("AB", "ABX"):
        if interface == "ABX":
            raise RatingsError(
                f"{file.name} is an ABX test of WAET, whose results do not say which sound X was; "
                "write its trials as a table with the column correct"
            )
        chosen = [page for page in done if _is_chosen(page)]
        refused += tuple(
            (page.line, f"no one side was chosen on the page {page.attributes.get('ref', '')}")
            for page in done
            if page not in chosen
        )
        rows = rows_of_records(_choices(chosen, who), file.name)
        rows, told = with_answers_of_one(rows, _survey(root))
        return Reading(rows, told, refused, len(pages), names_made_up=not key)
    rows = rows_of_records(_values(done, who), file.name)
    assumed = ["stimuli that were never moved are kept, with 0 in the column moved"]
    if interface in SLIDERS:
        rows = with_scale(rows.assign(rating=rows["rating"].map(_times_100)), SCALE)
        assumed.append("values from 0 to 1 were taken times 100")
    elif interface == "discrete":
        rows = rows.assign(rating=rows["rating"].where(rows["rating"] != "-1", ""))
    rows, told = with_answers_of_one(rows, _survey(root))
    return Reading(rows, (*assumed, *told), refused, len(pages), names_made_up=not key)


def _interface(root: XmlElement) -> str:
    """The interface of the test that the session holds; empty where it holds none."""
    test = root.one("waet")
    setup = test.one("setup") if test is not None else None
    return setup.attributes.get("interface", "") if setup is not None else ""


def _values(pages: list[XmlElement], who: str) -> Iterator[dict[str, str]]:
    """A value a record; reference sounds outside the comparison have none."""
    for order, page in enumerate(pages, 1):
        common = {"participant": who, "page_order": str(order), **_place(page)}
        for element in page.all("audioelement"):
            if element.attributes.get("type") == "outside-reference":
                continue
            metrics = element.one("metric")
            for value in element.all("value"):
                axis = value.attributes.get("interface-name", "")
                axis = "default" if axis in ("", "null") else axis
                yield common | {
                    "system": _system(element),
                    "attribute": axis,
                    "rating": value.text.strip(),
                    "stimulus_order": _counted(element.attributes.get("presentedId", "")),
                    "plays": str(_n_plays(metrics)),
                    "moved": _moved(metrics, axis),
                    "comment": _comment(element),
                }


def _place(page: XmlElement) -> dict[str, str]:
    name = page.attributes.get("ref", "")
    again = _REPEAT.fullmatch(name)
    time = next((each.text.strip() for each in _metrics(page.one("metric"))
                 if each.attributes.get("id") == "testTime"), "")  # fmt: skip
    return {
        "song": again["page"] if again else name,
        "replicate": again["n"] if again else "0",
        "time_s": time,
    }


def _metrics(metric: XmlElement | None) -> list[XmlElement]:
    return metric.all("metricresult") if metric is not None else []


def _system(element: XmlElement) -> str:
    return element.attributes.get("name", "") or element.attributes.get("ref", "")


def _counted(place: str) -> str:
    """A place that counts from 0, from 1."""
    return str(int(place) + 1) if place.isdecimal() and len(place) < 9 else ""


def _n_plays(metric: XmlElement | None) -> int:
    return sum(
        len(each.all("event")) for each in _metrics(metric)
        if each.attributes.get("name") == "elementListenTracker"
    )  # fmt: skip


def _moved(metric: XmlElement | None, axis: str) -> str:
    """1 where a slider was moved, 0 where it was left, empty where that is not known."""
    said = [
        each.text.strip().lower() for each in _metrics(metric)
        if each.attributes.get("name") == "elementFlagMoved"
        and each.attributes.get("interface-name", axis) in (axis, "null")
    ]  # fmt: skip
    return {"true": "1", "false": "0"}.get(said[0], "") if said else ""


def _comment(element: XmlElement) -> str:
    comment = element.one("comment")
    response = comment.one("response") if comment is not None else None
    return response.text.strip() if response is not None else ""


def _times_100(cell: str) -> str:
    try:
        return f"{round(100 * float(cell), 6):g}"
    except ValueError:
        return "" if cell == "null" else cell


def _sides(page: XmlElement) -> dict[str, str]:
    """1 or 0 of each system: whether it was chosen."""
    return {
        _system(each): value.text.strip()
        for each in page.all("audioelement") for value in each.all("value")
    }  # fmt: skip


def _is_chosen(page: XmlElement) -> bool:
    return sorted(_sides(page).values()) == ["0", "1"]


def _choices(pages: list[XmlElement], who: str) -> Iterator[dict[str, str]]:
    """Pages of two of which one was chosen."""
    for order, page in enumerate(pages, 1):
        sides = _sides(page)
        a, b = sides
        yield {
            "participant": who, "part": "", "trial_kind": PREFERENCE,
            "attribute": "overall", "system_a": a, "system_b": b,
            "answer": "a" if sides[a] == "1" else "b", "page_order": str(order),
            **_place(page),
        }  # fmt: skip


def _survey(root: XmlElement) -> dict[str, str]:
    """The answers to the questions of the whole test."""
    said = {}
    for survey in root.all("survey"):
        for answer in survey.all("surveyresult"):
            responses = [each.attributes.get("text") or each.attributes.get("name") or each.text
                         for each in answer.all("response")]  # fmt: skip
            name = answer.attributes.get("ref", "")
            if name:
                said[name] = "; ".join(text.strip() for text in responses)
    return said


FORMAT = ResultsFormat("a session of WAET", lambda file: file.root_name == ROOT, _read)
