"""``mixtrial export``: the answers of a study as a table: ratings, choices, events and so on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from analysis.counts import counted
from analysis.ratings.table import RatingsError
from db.records.errors import StoreError
from db.store.store import open_store
from db.whole_files import written_whole
from mixtrial.exports.csv_text import as_csv, note_taken, of_kinds, rated_pages, warnings_about
from mixtrial.exports.registry import export_names, exports, offered_exports
from mixtrial.exports.sav import SUFFIX, write_sav
from mixtrial.exports.studies.study_writer import study_writer, writer_names
from mixtrial.reporting.collected.files import write_collected
from mixtrial.reporting.exclusions.column import with_exclusions
from mixtrial.server.installation import Installation
from mixtrial.server.settings import default_stimuli_folder
from mixtrial.terminal.databases import database_named, installation_for_command
from mixtrial.terminal.options import (
    DatabaseUrl,
    WithoutSimulated,
    WithUnfinished,
    is_study_file,
)
from stimuli.loading.load import load_study
from stimuli.study.manifest import manifest_of
from stimuli.study.new_folder import new_folder
from stimuli.study.study import StudyError


def _known(table: str) -> str:
    if table in export_names():
        return table
    nearest = get_close_matches(table, export_names(), n=1, cutoff=0.5)
    hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(export_names())}."
    raise typer.BadParameter(f"There is no table {table!r}. {hint}")


def _known_tool(name: str | None) -> str | None:
    if name is None or name in writer_names():
        return name
    raise typer.BadParameter(f"{name!r} is not a known tool; choose {', '.join(writer_names())}.")


def export(
    study: Annotated[
        Path,
        typer.Argument(help="The study file, study.yaml, or the database of mixtrial collect."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="CSV file, or an SPSS file if its name ends in .sav; default: the name of "
            "the table, such as ratings.csv. With --study or for collected sessions, name a folder."
        ),
    ] = None,
    table: Annotated[
        str,
        typer.Option(
            help=f"Table to write: {', '.join(export_names())}.",
            callback=_known,
            autocompletion=export_names,
        ),
    ] = "ratings",
    as_study: Annotated[
        str | None,
        typer.Option(
            "--study",
            help=f"Write the study itself for another tool: {', '.join(writer_names())}.",
            callback=_known_tool,
        ),
    ] = None,
    include_training: Annotated[
        bool, typer.Option("--include-training", help="Include the training pages.")
    ] = False,
    unfinished: WithUnfinished = False,
    without_simulated: WithoutSimulated = None,
    test: Annotated[
        str | None,
        typer.Option(help="Test to export, if the collected sessions are from several tests."),
    ] = None,
    database: DatabaseUrl = None,
) -> None:
    """Export ratings, choices, comments or events of a study as a table, one record per row."""
    collected = None if is_study_file(study) else database_named(study)
    if test is not None and collected is None:
        raise RatingsError(
            "--test is only for collected sessions; name their database as the source."
        )
    if as_study is not None:
        _write_for_a_tool(study, as_study, out)
        return
    if collected is not None:
        _write_collected(collected, study.name, test, out)
        return
    with installation_for_command(study, None, database) as installation:
        _write_table(
            installation,
            table,
            out,
            include_training=include_training,
            unfinished=unfinished,
            without_simulated=without_simulated,
        )


def _write_table(
    installation: Installation,
    table: str,
    out: Path | None,
    *,
    include_training: bool,
    unfinished: bool,
    without_simulated: bool | None,
) -> None:
    """Write one table of a study, without the rows that the options leave out."""
    asked = exports()[table]
    rows = kept = asked.rows(installation)
    if rows.empty:
        raise StoreError(_why_empty(installation, table))
    kept = rows = of_kinds(rows, without_simulated)
    if asked.is_by_page:
        kept = rated_pages(rows, include_training=include_training, include_unfinished=unfinished)
    if kept.empty:
        raise StoreError(_why_none_is_kept(rows, include_training, unfinished))
    for warning in warnings_about(
        _values(kept, "participant_kind"), _values(kept, "study_fingerprint")
    ):
        typer.echo(f"mixtrial: {warning}", err=True)
    note_taken(installation, kept)
    path = out or Path(f"{table}.csv")
    written = with_exclusions(asked.written(kept, installation), asked, installation)
    if path.suffix.lower() == SUFFIX:
        check_target(path)
        write_sav(written, path, asked.meanings(installation.study, written.columns))
    else:
        write_text(path, as_csv(written))
    typer.echo(f"{path}: {_size(kept)}.")


def _write_for_a_tool(path: Path, name: str, out: Path | None) -> None:
    """Write a study's pages and its built stimuli as a project of another tool."""
    study, writer = load_study(path), study_writer(name)
    manifest = manifest_of(study, default_stimuli_folder(path))
    if manifest is None:
        raise StudyError(f"The stimuli of {path} are not built; run mixtrial build {path} first.")
    manifest.check_covers(study)
    folder = out or Path(f"{study.identifier}-{name}")
    with new_folder(folder) as part:
        left = writer.write(study, manifest, part)
    for sentence in left:
        typer.echo(f"mixtrial: {sentence}", err=True)
    typer.echo(f"{folder}: a project of {writer.tool}.")


def _write_collected(url: str, name: str, test: str | None, out: Path | None) -> None:
    """Write the sessions that ``mixtrial collect`` stored into a folder."""
    folder = out or Path("collected")
    with closing(open_store(url)) as store, new_folder(folder) as part:
        n = write_collected(store, name, test, part)
    typer.echo(f"{folder}: {counted(n, 'session')} of webMUSHRA's front end.")


def _values(rows: pd.DataFrame, column: str) -> Iterable[str]:
    return rows[column].unique() if column in rows else ()


def _size(rows: pd.DataFrame) -> str:
    """Number of exported rows, and of participants if the table has a column for participants."""
    of_whom = ""
    if "participant" in rows:
        of_whom = f" of {counted(rows['participant'].nunique(), 'participant')}"
    return f"{counted(len(rows), 'row')}{of_whom}"


def _why_empty(installation: Installation, table: str) -> str:
    """Sentence about a table without rows."""
    offered = offered_exports(installation.study)
    by_use = sorted(offered, key=lambda name: name not in ("ratings", "trials"))
    filled = (
        name
        for name in by_use
        if offered[name].is_by_page and not offered[name].rows(installation).empty
    )
    other = next(filled, None)
    hint = f" --table {other} has rows." if other else ""
    return f"The table {table!r} of this study is empty.{hint}"


def _why_none_is_kept(rows: pd.DataFrame, include_training: bool, unfinished: bool) -> str:
    """Sentence that no row is left to export, with the options that would keep some rows."""
    if rows.empty:
        return "every row is of a simulated participant; leave --without-simulated out"
    if not rated_pages(rows, include_training=True, include_unfinished=unfinished).empty:
        return "every row is of a training page; --include-training exports them"
    if not rated_pages(rows, include_training=include_training, include_unfinished=True).empty:
        return "no participant has finished the study yet; --unfinished exports what there is"
    return (
        "every row is of a training page of somebody who has not finished; --include-training and "
        "--unfinished together export them"
    )


def write_text(path: Path, text: str) -> None:
    """Write a file completely or not at all."""
    check_target(path)
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8", newline="")


def check_target(path: Path) -> None:
    """Raise ``StoreError`` if no file of that name can be written."""
    if not path.parent.is_dir():
        raise StoreError(f"There is no folder {path.parent} for {path.name}.")
    if path.is_dir():
        raise StoreError(f"{path} is a folder; give the name of a file to write.")
