"""``mixtrial studio``: create, open and observe the studies of a folder in the browser.

The studio runs in a separate process. When the command ``mixtrial studio`` ends, the studio's
process and the servers of the open studies end, too.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

import mixtrial
from mixtrial.processes.started import start, stop
from mixtrial.server.process import (
    address_here,
    check_place,
    end_when_told,
    server_command,
    wait_until_ready,
)
from mixtrial.server.public_address import public_address_of
from mixtrial.server.settings import (
    COMMANDS_ALLOWED,
    LANGUAGE_VARIABLE,
    SettingsError,
    admin_password_hash,
)
from mixtrial.studies.folder_lock import FolderLock
from mixtrial.terminal.pages_language import PagesLanguage, check_language

APPLICATION = Path(str(mixtrial.__file__)).parent / "studio" / "application"
OF_ONE_STUDY = ("MIXTRIAL_STUDY", "MIXTRIAL_STIMULI")
REFUSED = ("MIXTRIAL_DATABASE_URL", "MIXTRIAL_OIDC_ISSUER")


def studio(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Folder of the studies; created if it is missing."),
    ],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    base_path: Annotated[
        str | None,
        typer.Option(help="Prefix of the path of all pages, such as /lab; default: none."),
    ] = None,
    commands: Annotated[
        bool,
        typer.Option(
            "--commands/--no-commands",
            help="Allow builds to run the commands in study files. With this option, anybody who "
            "signs in can run any program on this machine.",
        ),
    ] = False,
    language: PagesLanguage = None,
) -> None:
    """Create, build and open the studies of a folder in the browser."""
    check_language(language)
    environment = _environment(base_path)
    if language is not None:
        environment[LANGUAGE_VARIABLE] = language
    admin_password_hash(environment)  # a faulty password is reported before the studio starts
    check_place(host, port)
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file; the studio takes a folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    where = address_here(host, port) + public_address_of(environment).base_path
    FolderLock(folder.resolve(), where).release()
    hidden = any(environment.get(f"MIXTRIAL_ADMIN_PASSWORD{end}") for end in ("", "_HASH"))
    password = environment.get("MIXTRIAL_ADMIN_PASSWORD") or secrets.token_urlsafe(9)
    if not hidden:
        environment["MIXTRIAL_ADMIN_PASSWORD"] = password
    environment["MIXTRIAL_STUDIO"] = str(folder.resolve())
    environment[COMMANDS_ALLOWED] = "1" if commands else ""
    environment["MIXTRIAL_STUDIO_ADDRESS"] = where
    end_when_told()
    process = start(server_command(host, port, folder=APPLICATION)[3:], environment)
    try:
        wait_until_ready(process, host, port)
        _announce(folder, where, None if hidden else password)
        status = process.wait()
    finally:
        stop(process)
    if status:
        raise SettingsError(f"The studio ended by itself, with status {status}. Nothing is lost.")


def _environment(base_path: str | None) -> dict[str, str]:
    """Environment of the studio: the variables of this command, without those about one study."""
    for name in REFUSED:
        if os.environ.get(name):
            raise SettingsError(
                f"{name} cannot be set for the studio. The studio keeps the answers of each study "
                "beside the study file, and its users sign in with a password."
            )
    environment = {key: value for key, value in os.environ.items() if key not in OF_ONE_STUDY}
    if base_path is not None:
        environment["MIXTRIAL_BASE_PATH"] = base_path
    return environment


def _announce(folder: Path, where: str, password: str | None) -> None:
    secret = "sign-in as set in the environment" if password is None else f"password: {password}"
    typer.echo(f"\n  Studies of {folder}\n")
    typer.echo(f"  Studio         {where}/admin    {secret}")
    typer.echo("\n  Stop with Ctrl-C; nothing is lost.\n")
