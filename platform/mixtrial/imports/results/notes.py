"""Notes on an import, as a text beside the table: rows read, assumptions, rows left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.counts import counted
from mixtrial.imports.results.reading import Imported

MOST_FORMULAS = 20
"""More cells that begin as a formula does are not listed."""


def notes_of(imported: Sequence[Imported], table: str, n_rows: int, formulas: Sequence[str]) -> str:
    """Markdown with the result of the import for each file.

    Parameters
    ----------
    imported
        Results of the files, in the order in which the files were named.
    table
        Name of the table that was written.
    n_rows
        Number of rows of the written table.
    formulas
        Cells of the written table that a spreadsheet would take for a formula.
    """
    head = [
        f"# What {_plain(table)} was made of", "",
        f"{counted(n_rows, 'row')}, one rating or one trial each.", *_exact(formulas),
    ]  # fmt: skip
    return "\n".join([*head, *(line for each in imported for line in _of_file(each)), ""])


def _exact(formulas: Sequence[str]) -> list[str]:
    """A paragraph if the exact table holds text that a spreadsheet would evaluate."""
    if not formulas:
        return []
    listed = ", ".join(_plain(cell) for cell in formulas[:MOST_FORMULAS])
    more = ", …" if len(formulas) > MOST_FORMULAS else ""
    told = (
        "These cells begin as a formula does and are written as they are, for programs; open the "
        f"table in a spreadsheet as text alone: {listed}{more}."
    )
    return ["", told]


def _of_file(each: Imported) -> list[str]:
    return [
        "", f"## {_plain(each.name)}", "",
        f"* read as {each.title}",
        f"* sha256 of the file: `{each.sha256}`",
        (f"* {counted(each.n_read, 'row')} read, {len(each.refused)} left out, "
        f"{counted(len(each.rows), 'row')} written"),
        *(f"* told: {_plain(option)}" for option in each.options),
        *(f"* assumed: {_plain(clause)}" for clause in each.assumed),
        *(f"* to be looked at: {_plain(clause)}" for clause in each.doubts),
        *(f"* row {number} was left out: {_plain(why)}" for number, why in each.refused),
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Text from a file on one line, escaped for Markdown."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
