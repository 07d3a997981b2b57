"""BeaqleJS' results: a JSON list of one participant, one record per test set.

For an ABX test, BeaqleJS stores only whether each answer was right, and not the names of the
systems. For this reason, the results of BeaqleJS's ABX tests cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from mixtrial.imports.results.file_names import REFERENCE
from mixtrial.imports.results.format import Reading, ResultsFormat
from mixtrial.imports.results.records import rows_of_records
from mixtrial.imports.results.results_file import ResultsFile


def _is_mine(file: ResultsFile) -> bool:
    return bool(_test_sets(file.json))


def _test_sets(content: Any) -> list[dict[str, Any]]:
    listed = content if isinstance(content, list) else []
    return [
        each for each in listed
        if isinstance(each, dict) and "TestID" in each and isinstance(each.get("rating"), dict)
    ]  # fmt: skip


def _read(file: ResultsFile) -> Reading:
    sets = _test_sets(file.json)
    rows = rows_of_records(_records(sets, PurePath(file.name).stem), file.name)
    assumed = (
        "a file is a participant, named as the file is",
        "pages are counted in the order of the set-up, which may not be that of the participant",
    )
    return Reading(rows, assumed, (), len(rows), names_made_up=True)


def _records(sets: list[dict[str, Any]], participant: str) -> Iterator[dict[str, str]]:
    for page, each in enumerate(sets, 1):
        time_ms = each.get("Runtime")
        for stimulus, rating in each["rating"].items():
            yield {
                "participant": participant,
                "song": str(each["TestID"]),
                "system": REFERENCE if stimulus.lower() == REFERENCE else stimulus,
                "attribute": "overall",
                "rating": "" if rating is None else str(rating),
                "page_order": str(page),
                "time_s": f"{time_ms / 1000:.3f}" if isinstance(time_ms, int | float) else "",
            }


FORMAT = ResultsFormat("results of BeaqleJS", _is_mine, _read)
