"""GoListen's CSV: rows of tags, titles and (MUSHRA only) files, then one row per participant.

Each example of a test has one column per sound, and the example's title is above the first of these
columns. A rating test (ACR) of GoListen does not name its sounds. In a rating test, the system is
therefore named by the tag of the example.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from analysis.ratings.dialects.cells import NoTableError, Rows, rows_of
from analysis.ratings.dialects.text_encodings import NoTextError
from analysis.ratings.table import RatingsError
from analysis.scale import SCALE, with_scale
from mixtrial.imports.results.file_names import system_of
from mixtrial.imports.results.format import Reading, ResultsFormat
from mixtrial.imports.results.records import rows_of_records
from mixtrial.imports.results.results_file import ResultsFile

_TITLES = ("Name", "Date")
_RATING = " rating"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of ratings, with its song and system."""

    at: int
    song: str
    system: str


def _rows(file: ResultsFile) -> Rows | None:
    try:
        found = rows_of(file.content)
    except (NoTextError, NoTableError):
        return None
    titles = found.numbered[0][1] if found.numbered else ()
    return found if found.header[:1] == ("Tags",) and titles[:2] == _TITLES else None


def _read(file: ResultsFile) -> Reading:
    found = _rows(file)
    assert found is not None  # by `is_mine`
    (_, titles), *others = found.numbered
    has_files = bool(others) and not any(cell.strip() for cell in others[0][1][:2])
    files, answers = (others[0][1], others[1:]) if has_files else ((), others)
    columns = _columns(titles, files, found.header)
    if any(not column.system for column in columns):
        raise RatingsError(
            f"{file.name} is a rating test of GoListen, which does not name its sounds; write the "
            "system of each example into the first row, Tags."
        )
    stem = PurePath(file.name).stem
    rows = rows_of_records(
        (
            {"participant": f"{stem}-row{number}", "song": column.song, "system": column.system,
             "attribute": "overall", "stimulus_order": str(place),
             "rating": cells[column.at] if column.at < len(cells) else ""}
            for number, cells in answers for place, column in enumerate(columns, 1)
        ),
        file.name,
    )  # fmt: skip
    assumed = (*found.assumed, "participants are rows; their names were left out")
    rated = with_scale(rows, SCALE) if has_files else rows
    return Reading(rated, assumed, (), len(answers), names_made_up=True)


def _columns(
    titles: tuple[str, ...], files: tuple[str, ...], tags: tuple[str, ...]
) -> list[_Column]:
    columns, song = [], ""
    for at in range(2, max(len(titles), len(files))):
        title = titles[at].strip() if at < len(titles) else ""
        if title:
            song = title.removesuffix(_RATING) if title.endswith(_RATING) else ""
        named = files[at].strip() if at < len(files) else ""
        tag = tags[at].strip() if at < len(tags) else ""
        if song and (named or (title and not files)):
            columns.append(_Column(at, song, system_of(named, song) if named else tag))
    return columns


FORMAT = ResultsFormat("results of GoListen", lambda file: _rows(file) is not None, _read)
