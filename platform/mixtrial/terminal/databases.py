"""Databases named on a command line: by URL, by file, or by a study's folder."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from db.copies.backup import SQLITE_HEADER
from db.records.errors import StoreError
from mixtrial.server.installation import Installation
from mixtrial.server.settings import default_database_url
from mixtrial.simulation.rehearsal import installation_to_read
from mixtrial.terminal.options import is_study_file

OF_REHEARSAL = (
    "nobody real has taken part yet; this is the rehearsal (rehearsal.sqlite), with simulated "
    "participants alone"
)

_URL = re.compile(r"(postgresql(?:\+\w+)?|sqlite):/+")


def database_named(source: Path) -> str | None:
    """URL of the database that a source names; None if the source is not a database.

    Raises
    ------
    StoreError
        The database belongs to another program.
    """
    if (found := _URL.match(str(source))) is not None and found[1] != "sqlite":
        return f"{found[1]}://{str(source)[found.end() :]}"  # Path() changes "//" to "/"
    if not source.is_file():
        return None
    with source.open("rb") as file:
        if file.read(len(SQLITE_HEADER)) != SQLITE_HEADER:
            return None
    _check_ours(source)
    return f"sqlite:///{source.resolve().as_posix()}"


@contextmanager
def installation_for_command(
    study: Path, stimuli: Path | None = None, database_url: str | None = None
) -> Iterator[Installation]:
    """The study that a command reads, closed afterwards; a message says if a rehearsal is read."""
    installation, is_rehearsal = installation_to_read(study, stimuli, database_url)
    if is_rehearsal:
        typer.echo(f"mixtrial: {OF_REHEARSAL}", err=True)
    with closing(installation.store):
        yield installation


def database_to_fill(place: str) -> tuple[str, Path | None]:
    """URL of the database to fill, and the study file beside it.

    Parameters
    ----------
    place
        A URL, a study file, a database's file (``….sqlite``), or a folder, which need not exist.

    Raises
    ------
    StoreError
        The source is not a URL, a study file, a database's file or a folder.
    """
    path = Path(place)
    if _URL.match(place):
        return place, None
    if is_study_file(path):
        if not path.is_file():
            raise StoreError(f"There is no study file {path}.")
        return default_database_url(path), path
    if path.is_file() or path.suffix.lower() in {".sqlite", ".db"}:
        if path.is_file() and database_named(path) is None and path.stat().st_size:
            raise StoreError(
                f"{path} is not a database; name a folder, a study.yaml or a database."
            )
        if not path.resolve().parent.is_dir():
            raise StoreError(f"There is no folder {path.parent} for {path.name}.")
        return f"sqlite:///{path.resolve().as_posix()}", None
    if not path.is_dir():
        if not path.resolve().parent.is_dir():
            raise StoreError(f"There is no folder {path.parent} for {path.name}.")
        path.mkdir()
    study = path / "study.yaml"
    return default_database_url(study), study


def _check_ours(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as here:
            names = {row[0] for row in here.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read as a database: {error}.") from None
    if names and not {"alembic_version", "study"} <= names:
        raise StoreError(f"{path} is a database, but not one of mixtrial's.")
