"""``mixtrial merge``: the ratings of several labs as one table, with the lab as a column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from analysis.counts import counted
from analysis.labs import doubts_about, merged_labs
from analysis.ratings.table import RatingsError
from db.whole_files import written_whole
from mixtrial.exports.csv_text import as_csv, of_kinds, rated_pages
from mixtrial.reporting.archive_reader import is_archive, read_archive
from mixtrial.reporting.study_data import StudyTables
from mixtrial.reporting.table_reader import read_table
from mixtrial.terminal.databases import installation_for_command
from mixtrial.terminal.options import (
    WithoutSimulated,
    WithUnfinished,
    is_study_file,
    scale_option,
)


def merge(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="Two or more sources: a study.yaml with its database, an archive, or "
            "a table (CSV)."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table to write (CSV).")] = Path("merged.csv"),
    lab: Annotated[
        list[str] | None,
        typer.Option(
            help="Name of each lab, in the order of the sources; default: the name of the folder, "
            "or of the table's file."
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(help="Part whose ratings are merged, if a source has several parts."),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(help="Ends of the scale, such as 1:5, for tables that do not state a scale."),
    ] = None,
    unfinished: WithUnfinished = False,
    without_simulated: WithoutSimulated = None,
) -> None:
    """Merge the ratings of several labs into one table; its report has the lab as a factor."""
    names = _named(sources, lab)
    tables = {}
    for name, source in zip(names, sources, strict=True):
        rows = _of_part(_ratings(source, scale, unfinished), part, name)
        tables[name] = of_kinds(rows, without_simulated)
    merged = merged_labs(tables)
    for doubt in doubts_about(merged):
        typer.echo(f"mixtrial: {doubt}", err=True)
    if not out.parent.is_dir() or out.is_dir():
        raise RatingsError(f"{out} cannot be written as a file; name another file.")
    with written_whole(out) as whole:
        whole.write_text(as_csv(merged), encoding="utf-8", newline="")
    n = merged.groupby("lab")["participant"].nunique()
    sizes = ", ".join(f"{n[name]} of {name}" for name in names)
    typer.echo(
        f"{out}: {counted(len(merged), 'row')} of {counted(int(n.sum()), 'participant')} ({sizes})."
    )


def _named(sources: Sequence[Path], given: Sequence[str] | None) -> list[str]:
    if len(sources) < 2:
        raise RatingsError("A merge needs the ratings of at least two labs.")
    if given and len(given) != len(sources):
        raise RatingsError(
            f"There are {len(sources)} sources, but {len(given)} names of labs; "
            "give one name per source."
        )
    names = [name.strip() for name in given or map(_usual_name, sources)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None or not all(names):
        raise RatingsError(
            f"Two sources have the lab name {twice!r}; name each lab by --lab, in the order of the "
            "sources."
            if twice
            else "The name of a lab is empty; name each lab by --lab."
        )
    return names


def _usual_name(source: Path) -> str:
    full = source.resolve()
    return full.parent.name if is_study_file(source) else full.stem


def _ratings(source: Path, scale: str | None, unfinished: bool) -> pd.DataFrame:
    """Ratings of one source: of finished participants, or of all if `unfinished` is true."""
    if is_archive(source):
        tables = read_archive(source).tables
        kept = tables.ratings
        if isinstance(tables, StudyTables):
            kept = rated_pages(kept, include_unfinished=unfinished)
        return kept
    if is_study_file(source):
        with installation_for_command(source) as installation:
            rows = installation.store.ratings(installation.study.identifier)
        return rated_pages(rows, include_unfinished=unfinished)
    return read_table(source, scale_option(scale)).tables.ratings


def _of_part(rows: pd.DataFrame, part: str | None, lab: str) -> pd.DataFrame:
    names = sorted(set(rows["part"]) - {""}) if "part" in rows else []
    if part is None and len(names) > 1:
        raise RatingsError(f"{lab} has the parts {', '.join(names)}; choose one with --part.")
    if part is not None and names and part not in names:
        raise RatingsError(f"{lab} has no part {part!r}; choose {', '.join(names)}.")
    return rows if part is None or not names else rows[rows["part"] == part]
