"""``mixtrial import results``: ratings or choices of other tools as a table of mixtrial."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.counts import counted
from analysis.ratings.table import RatingsError
from db.whole_files import written_whole
from mixtrial.exports.csv_text import exact_csv, formula_like
from mixtrial.imports.results.notes import notes_of
from mixtrial.imports.results.options import reading_options, refuse_unknown_values
from mixtrial.imports.results.reading import read_results
from mixtrial.imports.results.together import as_one_table
from mixtrial.terminal.options import scale_option
from mixtrial.terminal.table_options import (
    Best,
    Decimal,
    Labels,
    Map,
    Only,
    Rename,
    ScaleText,
    Trials,
    Wide,
    Without,
)


def results(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Result files of webMUSHRA, pymushra, WAET, Qualtrics and others, or tables."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Table to write (CSV); a file beside it lists what was assumed.")
    ] = Path("ratings.csv"),
    columns: Map = None,
    wide: Wide = None,
    scale: ScaleText = None,
    labels: Labels = None,
    decimal: Decimal = None,
    rename: Rename = None,
    only: Only = None,
    without: Without = None,
    best: Best = None,
    trials: Trials = None,
) -> None:
    """Convert ratings or choices of other tools into one table, and list what was assumed."""
    options = reading_options(
        columns, wide, decimal, labels, rename or (), only or (), without or (), best, trials
    )
    notes = out.with_suffix(".import.md")
    if not out.parent.is_dir():
        raise RatingsError(f"{out} cannot be written, because {out.parent} is not a folder.")
    if out.is_dir() or out.suffix.lower() != ".csv":
        raise RatingsError(f"{out} must end in .csv.")
    if any(path.resolve() in (out.resolve(), notes.resolve()) for path in files):
        raise RatingsError(f"{out} is one of the files to read; name another file by --out.")
    given = scale_option(scale)
    imported = [read_results(path, options, given) for path in files]
    refuse_unknown_values(options, [each.offered for each in imported])
    kept = [each for each in imported if len(each.rows)]
    if not kept:
        raise RatingsError("--only and --without leave no row in the table; leave one of them out.")
    table = as_one_table(kept, given)
    with written_whole(out) as whole, written_whole(notes) as told:
        whole.write_text(exact_csv(table), encoding="utf-8", newline="")
        said = notes_of(imported, out.name, len(table), formula_like(table))
        told.write_text(said, encoding="utf-8")
    for each in imported:
        typer.echo(f"mixtrial: {each.in_one_line}.", err=True)
        for doubt in each.doubts:
            typer.echo(f"mixtrial: {each.name}: {doubt}.", err=True)
    n = table["participant"].nunique()
    size = f"{counted(len(table), 'row')} of {counted(n, 'participant')}"
    typer.echo(f"{out}: {size}; {notes.name} says what was assumed.")
