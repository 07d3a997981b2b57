"""A session of the Web Audio Evaluation Tool (WAET): XML that also contains the test.

Each value belongs to one interface; APE interfaces are named by their axes. A page called
``x-repeat-2`` repeats the page ``x``. Only completed pages of a session are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import PurePath

import pandas as pd

from analysis.ratings.table import RatingsError
from analysis.scale import SCALE, with_scale
from analysis.trial_columns import BEST, PREFERENCE, RANKING
from mixtrial.imports.reading.guarded_xml import XmlElement, read_guarded_xml
from mixtrial.imports.results.format import Reading, ResultsFormat, with_answers
from mixtrial.imports.results.records import rows_of_records
from mixtrial.imports.results.results_file import ResultsFile

ROOT = "waetresult"
SLIDERS = ("APE", "MUSHRA", "horizontal")
"""Interfaces whose values go from 0 to 1."""
_ORDINAL = "ordinal"
_PAIR = 2
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
    if interface == "ABX":
        raise RatingsError(
            f"{file.name} is an ABX test of WAET, whose results do not say which sound X was; "
            "write its trials as a table with a column correct."
        )
    if interface in _TRIALS:
        is_one, why_not = _TRIALS[interface]
        taken = [page for page in done if is_one(_values_of(page))]
        refused += tuple(
            (page.line, f"{why_not} on the page {page.attributes.get('ref', '')}")
            for page in done
            if page not in taken
        )
        if not taken and refused:
            line, why = refused[0]
            raise RatingsError(f"{file.name} has no page that can be used: line {line}, {why}.")
        rows = rows_of_records(_trials(taken, who, interface), file.name)
        rows, told = _with_all_answers(rows, root, taken)
        return Reading(
            rows, told, refused, len(pages), names_made_up=not key,
            is_end_unsaid=interface == _ORDINAL,
        )  # fmt: skip
    rows = rows_of_records(_values(done, who), file.name)
    assumed = ["stimuli that were never moved are kept, with 0 in the column moved"]
    if interface in SLIDERS:
        rows = with_scale(rows.assign(rating=rows["rating"].map(_times_100)), SCALE)
        assumed.append("values from 0 to 1 were taken times 100")
    elif interface == "discrete":
        rows = rows.assign(rating=rows["rating"].where(rows["rating"] != "-1", ""))
    rows, told = _with_all_answers(rows, root, done)
    return Reading(rows, (*assumed, *told), refused, len(pages), names_made_up=not key)


def _interface(root: XmlElement) -> str:
    """The interface named in the session's test; empty if the session holds no test."""
    test = root.one("waet")
    setup = test.one("setup") if test is not None else None
    return setup.attributes.get("interface", "") if setup is not None else ""


def _values(pages: list[XmlElement], who: str) -> Iterator[dict[str, str]]:
    """One value per record; a reference sound that is not compared has no value."""
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
    """Convert a place counted from 0 to a place counted from 1."""
    return str(int(place) + 1) if place.isdecimal() and len(place) < 9 else ""


def _n_plays(metric: XmlElement | None) -> int:
    return sum(
        len(each.all("event")) for each in _metrics(metric)
        if each.attributes.get("name") == "elementListenTracker"
    )  # fmt: skip


def _moved(metric: XmlElement | None, axis: str) -> str:
    """Whether a slider was moved: 1 for yes, 0 for no, empty if unknown."""
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


def _values_of(page: XmlElement) -> dict[str, float]:
    """Value of each compared system; empty if one of the systems has no number as its value."""
    found: dict[str, float] = {}
    for each in page.all("audioelement"):
        if each.attributes.get("type") == "outside-reference":
            continue
        values = [value.text.strip() for value in each.all("value")]
        if len(values) != 1 or not _NUMBER.fullmatch(values[0]) or _system(each) in found:
            return {}
        found[_system(each)] = float(values[0])
    return found


_NUMBER = re.compile(r"\d{1,3}(\.\d{1,30})?")


def _is_choice(values: Mapping[str, float]) -> bool:
    """Whether one of several systems was chosen: 1 for the chosen system, 0 for the others."""
    return len(values) > 1 and sorted(values.values()) == [0.0] * (len(values) - 1) + [1.0]


def _is_order(values: Mapping[str, float]) -> bool:
    """Whether several values are all different."""
    return 1 < len(values) == len(set(values.values()))


_TRIALS = {
    "AB": (_is_choice, "no one side was chosen"),
    _ORDINAL: (_is_order, "not every stimulus has a place of its own"),
}
"""Interfaces that compare the stimuli of a page: whether values are an answer, and why not."""


def _trials(pages: list[XmlElement], who: str, interface: str) -> Iterator[dict[str, str]]:
    """Pairs of stimuli with different values on a page; the higher value is the answer."""
    for order, page in enumerate(pages, 1):
        values = _values_of(page)
        of_several = BEST if len(values) > _PAIR else PREFERENCE
        for a, b in combinations(values, 2):
            if values[a] == values[b]:
                continue
            yield {
                "participant": who, "part": "",
                "trial_kind": RANKING if interface == _ORDINAL else of_several,
                "attribute": "overall", "system_a": a, "system_b": b,
                "answer": "a" if values[a] > values[b] else "b", "page_order": str(order),
                **_place(page),
            }  # fmt: skip


def _survey(element: XmlElement) -> dict[str, str]:
    """Answers to the questions of the whole test or of a page, keyed by question."""
    said = {}
    for survey in element.all("survey"):
        for answer in survey.all("surveyresult"):
            if name := answer.attributes.get("ref", ""):
                said[name] = _responses(answer)
    for comment in element.all("comment"):
        if name := comment.attributes.get("id", ""):
            said[name] = _responses(comment)
    return said


def _responses(answer: XmlElement) -> str:
    """The answer to a question, or the names of the selected options."""
    said = []
    for each in answer.all("response"):
        text, name = each.text.strip(), each.attributes.get("name", "")
        is_box = name and (text in _TICKED or each.attributes.get("checked", "") in _TICKED)
        if is_box and "true" not in (text, each.attributes.get("checked", "")):
            continue
        said.append(name if is_box else each.attributes.get("text") or name or text)
    return "; ".join(said)


_TICKED = ("true", "false")


def _with_all_answers(
    rows: pd.DataFrame, root: XmlElement, pages: list[XmlElement]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows with the answers to the questions of the test and of each row's page."""
    of_pages = {str(order): _survey(page) for order, page in enumerate(pages, 1)}
    names = dict.fromkeys(name for said in of_pages.values() for name in said)
    answers = {
        name: [of_pages[order].get(name, "") for order in rows["page_order"]] for name in names
    }
    whole = {name: [said] * len(rows) for name, said in _survey(root).items()}
    return with_answers(rows, pd.DataFrame({**answers, **whole}, index=rows.index))


FORMAT = ResultsFormat("a session of WAET", lambda file: file.root_name == ROOT, _read)
