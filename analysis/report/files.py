"""Files of a report besides its page: figures, tables, and the move to their folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from analysis.figures.export import Picture
from analysis.report.context import ReportContext
from analysis.report.figure_entry import FigureEntry
from analysis.report.reported import ReportedFindings
from analysis.report.sections.comments import said
from analysis.report.sections.sample import answers_of
from analysis.report.tables import tables_of

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_figures(
    made: Iterable[FigureEntry], pictures: Mapping[str, Picture], folder: Path
) -> None:
    """Write each figure as an interactive page, and as SVG and PNG if these were drawn."""
    folder.mkdir()
    (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    config = {"displaylogo": False, "responsive": True}
    for figure in made:
        # The report already contains the figure's JSON; all pages of the folder share one
        # plotly.min.js.
        page = to_html(
            json.loads(figure.spec), include_plotlyjs="directory", config=config, validate=False
        )
        (folder / f"{figure.name}.html").write_text(page, encoding="utf-8")
        if figure.name in pictures:
            _write_picture(folder, figure.name, pictures[figure.name])


def _write_picture(folder: Path, name: str, picture: Picture) -> None:
    (folder / f"{name}.svg").write_text(picture.svg, encoding="utf-8")
    (folder / f"{name}.png").write_bytes(picture.png)
    if picture.column is not None:
        _write_picture(folder, f"{name}-column", picture.column)


def write_tables(
    results: ReportedFindings, folder: Path, words: Mapping[str, pd.DataFrame]
) -> None:
    """Write the findings and the participants' comments as CSV files, one for each kind of row.

    A text that begins like a formula gets a leading apostrophe, so that a spreadsheet does not read
    it as a formula. Truth values are written as ``true`` and ``false``, numbers are never altered,
    and columns without any value are left out.
    """
    folder.mkdir()
    for name, table in {**tables_of(results), **words}.items():
        filled = table.dropna(axis="columns", how="all")
        texts = filled.select_dtypes(exclude="number").columns
        filled.assign(**{str(key): filled[key].map(_as_written) for key in texts}).to_csv(
            folder / f"{name}.csv", index=False
        )


def words_of(context: ReportContext) -> dict[str, pd.DataFrame]:
    """The tables ``comments`` and ``free-answers``: participants' texts, without empty texts."""
    answers = answers_of(context.people)
    labels = {q.key: q.label for q in context.questions if q.kind == "text"}
    free = answers[answers["key"].isin(labels)]
    free = free.assign(question=free["key"].map(labels)).drop(columns="key")
    tables = {"comments": said(context.comments), "free-answers": free}
    return {name: table for name, table in tables.items() if not table.empty}


def _as_written(cell: object) -> object:
    if isinstance(cell, bool):
        return str(cell).lower()
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def move_into(source: Path, out: Path) -> None:
    """Move finished files into place; old files are moved to ``source``, which is then deleted."""
    if not (source / "report.pdf").exists():
        (out / "report.pdf").unlink(missing_ok=True)  # removes the PDF of an older report
    for entry in sorted(source.iterdir()):
        target = out / entry.name
        if target.is_dir():
            target.rename(source / f"old-{entry.name}")
        entry.replace(target)
