"""``mixtrial serve``: start a study's server and print its addresses.

The survey runs in a separate process. The command ``mixtrial serve`` waits until the survey can be
reached, and then prints the links. Ctrl-C or a terminate signal stops the command and the survey.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from mixtrial.server.installation import load_installation
from mixtrial.server.process import (
    address_here,
    check_place,
    server_environment,
    start_server,
    stop_server,
    wait_until_ready,
)
from mixtrial.server.public_address import public_address_of
from mixtrial.server.settings import SettingsError, settings_from_environment
from mixtrial.terminal.databases import database_named
from mixtrial.terminal.pages_language import PagesLanguage, check_language
from stimuli.loading.load import load_study
from stimuli.study.blind_header import check_blind
from stimuli.study.manifest import read_manifest


def serve(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    stimuli: Annotated[
        Path | None,
        typer.Option(
            help="Folder that `mixtrial build` wrote; default: build/ beside the study file."
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Database URL; default: mixtrial.sqlite beside the study file."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    workers: Annotated[
        int, typer.Option(help="Number of server processes on this port.", min=1, max=64)
    ] = 1,
    base_path: Annotated[
        str | None,
        typer.Option(help="Prefix of the path of all pages, such as /study1; default: none."),
    ] = None,
    language: PagesLanguage = None,
) -> None:
    """Serve the survey and the dashboard of a built study."""
    check_language(language)
    if database_named(study) is not None:
        raise SettingsError(
            f"{study} is a database; name the study.yaml beside it. For collected sessions "
            "without a study, use mixtrial report or mixtrial export."
        )
    loaded = load_study(study)
    built = stimuli or study.resolve().parent / "build"
    check_blind(read_manifest(built))
    check_place(host, port)
    password = os.environ.get("MIXTRIAL_ADMIN_PASSWORD")
    hashed = os.environ.get("MIXTRIAL_ADMIN_PASSWORD_HASH")
    has_provider = bool(os.environ.get("MIXTRIAL_OIDC_ISSUER"))
    shown = password if (password or hashed or has_provider) else secrets.token_urlsafe(9)
    environment = server_environment(
        study.resolve(), built.resolve(), database, shown, base_path, language
    )
    # Faults of the settings or the database are reported here, not to a visitor of the server.
    load_installation(settings_from_environment(environment)).store.close()
    process = start_server(host, port, environment, workers)
    try:
        wait_until_ready(process, host, port)
        where = served_at(host, port, environment)
        announce(loaded.title, where, shown, hidden=shown == password)
        status = process.wait()
    finally:
        stop_server(process)
    if status:  # a requested stop raises an exception above, so this is a failure
        by = f"by signal {-status}" if status < 0 else f"with status {status}"
        raise SettingsError(f"The server ended by itself, {by}. No acknowledged answer is lost.")


def served_at(host: str, port: int, environment: Mapping[str, str]) -> str:
    """Address of the survey, without a final slash."""
    return address_here(host, port) + public_address_of(environment).base_path


def announce(title: str, where: str, password: str | None, *, hidden: bool) -> None:
    """Print the addresses for participants and researchers."""
    secret = "sign-in as set in the environment" if hidden else f"password: {password}"
    typer.echo(f"\n  {title}\n")
    typer.echo(f"  Participants   {where}/")
    typer.echo(f"  Dashboard      {where}/admin    {secret}")
    typer.echo("\n  Stop with Ctrl-C; nothing is lost.\n")
