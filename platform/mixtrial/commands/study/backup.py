"""``mixtrial backup`` copies a running study's database; ``mixtrial restore`` restores it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.copies.backup import back_up
from db.copies.backup import restore as restore_archive
from db.copies.rotation import back_up_into
from db.known_databases import KnownDatabases
from mixtrial.server.settings import SettingsError, settings_for_study
from mixtrial.terminal.options import DatabaseUrl
from stimuli.loading.load import load_study


def backup(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write; an existing file is replaced.")
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a new file. Of the older backups, only the newest is kept for each "
            "of the last 24 hours, 7 days and 4 weeks."
        ),
    ] = None,
    database: DatabaseUrl = None,
) -> None:
    """Copy all answers of participants into one file while the study runs, and check the copy."""
    identifier = load_study(study).identifier
    url = settings_for_study(study, database_url=database).database_url
    KnownDatabases(study).check_file(url)
    if out is not None and into is None:
        back_up(url, out)
    elif into is not None and out is None:
        out = back_up_into(url, into, identifier)
    else:
        raise SettingsError("The backup needs a place: give either --out FILE or --into FOLDER.")
    typer.echo(f"{out}: a checked copy of {max(out.stat().st_size // 1024, 1)} KiB.")


def restore(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    source: Annotated[Path, typer.Option("--from", help="The file that `mixtrial backup` wrote.")],
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Restore even if a database exists; the existing database is renamed."
        ),
    ] = False,
    database: DatabaseUrl = None,
) -> None:
    """Check a backup and restore it as the study's database; stop the server first."""
    identifier = load_study(study).identifier
    url = settings_for_study(study, database_url=database).database_url
    aside = restore_archive(url, source, identifier, force)
    typer.echo(f"The study is back as it was in {source}.")
    if aside is not None:
        place = f"the schema {aside}" if isinstance(aside, str) else aside
        typer.echo(f"What was there before is now {place}; delete it when you are sure.")
