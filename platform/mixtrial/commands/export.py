"""``mixtrial export``: what was said in a study as one long table: ratings, choices or comments."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixtrial.command_options import DatabaseUrl

if TYPE_CHECKING:
    import pandas as pd

    from mixtrial.installation import Installation


class Table(StrEnum):
    """What to export: one rating, one choice (preference, ABX) or one comment a row."""

    RATINGS = "ratings"
    TRIALS = "trials"
    COMMENTS = "comments"


def export(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write (CSV); default: ratings.csv and so on.")
    ] = None,
    table: Annotated[
        Table, typer.Option(help="Ratings, choices between mixes, or comments.")
    ] = Table.RATINGS,
    include_training: Annotated[
        bool, typer.Option("--include-training", help="Keep the training pages.")
    ] = False,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Keep participants who have not finished.")
    ] = False,
    without_simulated: Annotated[
        bool, typer.Option("--without-simulated", help="Leave simulated participants out.")
    ] = False,
    database: DatabaseUrl = None,
) -> None:
    """Write the ratings, choices or comments of a study as one long table, one a row."""
    from db.records import StoreError
    from mixtrial.downloads import as_csv, rated_pages
    from mixtrial.installation import load_installation
    from mixtrial.settings import settings_for_study
    from stimuli.study_file import load_study

    load_study(study)  # a misspelt study file must not be reported as a missing database
    settings = settings_for_study(study, database_url=database)
    check_database_is_there(settings.database_url)
    here = load_installation(settings)
    rows = _rows_of(here, table)
    if without_simulated:
        rows = rows[rows["participant_kind"] != "simulated"]
    kept = rated_pages(rows, include_training=include_training, include_unfinished=unfinished)
    if kept.empty:
        raise StoreError(_why_nothing(rows, table, unfinished))
    hashes = kept["study_hash"].unique() if "study_hash" in kept else ()
    for warning in warnings_about(kept["participant_kind"].unique(), hashes):
        typer.echo(f"mixtrial: {warning}", err=True)
    path = out or Path(f"{table.value}.csv")
    write_text(path, as_csv(kept))
    typer.echo(
        f"{path}: {len(kept)} {table.value} of {kept['participant'].nunique()} participants."
    )


def _rows_of(here: Installation, table: Table) -> pd.DataFrame:
    store, study = here.store, here.study.identifier
    if table is Table.TRIALS:
        return store.trials(study)
    return store.comments(study) if table is Table.COMMENTS else store.ratings(study)


def _why_nothing(rows: pd.DataFrame, table: Table, unfinished: bool) -> str:
    if table is not Table.RATINGS and rows.empty:
        return f"there are no {table.value} in this study"
    hint = "" if unfinished else "; --unfinished exports what there is"
    return f"no participant has finished the study yet{hint}"


def check_database_is_there(url: str) -> None:
    """Raise ``StoreError`` when the SQLite file is missing: reading must not make an empty one."""
    from db.records import StoreError

    place = url.removeprefix("sqlite:///")
    if place != url and place not in ("", ":memory:") and not Path(place).is_file():
        raise StoreError(f"there is no database {place}; nobody has taken part yet")


def warnings_about(kinds: Iterable[str], hashes: Iterable[str]) -> list[str]:
    """Sentences about what a reader of the table must know."""
    sentences = []
    if len(set(kinds)) > 1:
        sentences.append(
            "the table holds real and simulated participants (see participant_kind; "
            "--without-simulated leaves the latter out)"
        )
    if len(set(hashes)) > 1:
        sentences.append("the study file was changed between participants (see study_hash)")
    return sentences


def write_text(path: Path, text: str) -> None:
    """Write a file under a temporary name, and rename it when it is complete."""
    from db.records import StoreError

    if not path.parent.is_dir():
        raise StoreError(f"there is no folder {path.parent} to write {path.name} into")
    if path.is_dir():
        raise StoreError(f"{path} is a folder; give the name of a file to write")
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
