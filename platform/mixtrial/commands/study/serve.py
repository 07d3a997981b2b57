"""``mixtrial serve``: open a study's doors and say where they are.

The survey runs in a process of its own; this command waits until it answers, prints the links,
and ends it when asked to stop (Ctrl-C or a terminate signal).
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 10.0


def serve(
    study: Annotated[Path, typer.Argument(help="The study file, study.yaml.")],
    stimuli: Annotated[
        Path | None, typer.Option(help="Where `mixtrial build` wrote; default: build/ beside it.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Database URL; default: mixtrial.sqlite beside the study file."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    workers: Annotated[
        int, typer.Option(help="Processes that answer on this port.", min=1, max=64)
    ] = 1,
) -> None:
    """Serve the survey and the dashboard of a built study."""
    from mixtrial.server.installation import load_installation
    from mixtrial.server.settings import SettingsError, settings_from_environment
    from stimuli.loading.load import load_study
    from stimuli.study.manifest import read_manifest

    loaded = load_study(study)
    built = stimuli or study.resolve().parent / "build"
    read_manifest(built)
    check_place(host, port)
    password = os.environ.get("MIXTRIAL_ADMIN_PASSWORD")
    hashed = os.environ.get("MIXTRIAL_ADMIN_PASSWORD_HASH")
    has_provider = bool(os.environ.get("MIXTRIAL_OIDC_ISSUER"))
    shown = password if (password or hashed or has_provider) else secrets.token_urlsafe(9)
    environment = server_environment(study.resolve(), built.resolve(), database, shown)
    # What is wrong with settings or database is said here, and not to whoever asks the server.
    load_installation(settings_from_environment(environment)).store.close()
    process = start_server(host, port, environment, workers)
    try:
        wait_until_ready(process, host, port)
        announce(loaded.title, host, port, shown, hidden=shown == password)
        status = process.wait()
    finally:
        stop_server(process)
    if status:  # nobody asked it to stop: that would have come as an exception
        by = f"by signal {-status}" if status < 0 else f"with status {status}"
        raise SettingsError(f"the server ended by itself, {by}; nothing it acknowledged is lost")


def server_environment(
    study: Path, stimuli: Path, database: str | None, password: str | None
) -> dict[str, str]:
    """Return the environment that tells the server which study it serves."""
    environment = dict(os.environ)
    environment["MIXTRIAL_STUDY"] = str(study)
    environment["MIXTRIAL_STIMULI"] = str(stimuli)
    if database is not None:
        environment["MIXTRIAL_DATABASE_URL"] = database
    if password is not None:
        environment["MIXTRIAL_ADMIN_PASSWORD"] = password
    return environment


def check_place(host: str, port: int) -> None:
    """Raise ``SettingsError`` unless a server could listen on ``host``:``port`` now."""
    from mixtrial.server.settings import SettingsError

    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the server itself does: a port whose last connections still linger counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (socket.gaierror, UnicodeError) as error:
        raise SettingsError(f"there is no host {host}") from error
    except PermissionError as error:
        raise SettingsError(f"port {port} is not for everybody; choose one from 1024 on") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"port {port} is taken; choose another with --port") from error
        raise SettingsError(f"{host} is no address of this machine") from error


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen on ``host``:``port`` now."""
    from mixtrial.server.settings import SettingsError

    try:
        check_place(host, port)
    except SettingsError:
        return False
    return True


def start_server(
    host: str, port: int, environment: Mapping[str, str], workers: int = 1
) -> subprocess.Popen[bytes]:
    """Start the survey's process; its own start-up chatter is not the reader's business.

    Several workers share the port: they need nothing of each other but the database.
    """
    import mixtrial
    from mixtrial.server.streamlit_options import command_line_flags, environment_variables

    folder = Path(str(mixtrial.__file__)).parent.parent
    if workers == 1:
        flags = ["--server.address", host, "--server.port", str(port), *command_line_flags()]
        command = [sys.executable, "-m", "streamlit", "run", str(folder / "app.py"), *flags]
    else:
        # Streamlit would log every address, and addresses hold tokens.
        environment = {**environment, **environment_variables()}
        places = ["--app-dir", str(folder), "--host", host, "--port", str(port)]
        quiet = ["--no-access-log", "--log-level", "warning"]
        command = [
            sys.executable, "-m", "uvicorn", "app:app", *places, *quiet,
            "--workers", str(workers),
        ]  # fmt: skip
    # A terminate signal to this command must reach the server too: turn it into an exception.
    signal.signal(signal.SIGTERM, _interrupt)
    return subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)


def wait_until_ready(process: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Return when the server answers; raise ``SettingsError`` when it ends or stays silent."""
    from mixtrial.server.settings import SettingsError

    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SettingsError("the survey could not be started; the lines above say why")
        try:
            with urllib.request.urlopen(f"http://{place}/api/healthz", timeout=2) as answer:
                if b"ok" in answer.read():
                    return
        except urllib.error.HTTPError as refusal:
            # The server is up but cannot open its study, and says why.
            raise SettingsError(_reason(refusal.read())) from None
        except OSError:
            time.sleep(0.2)
    raise SettingsError(f"the survey did not answer within {START_TIMEOUT_S:.0f} s")


def _reason(body: bytes) -> str:
    """The sentence of a refusal, or one of our own where it is none of ours."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "the survey could not be started; the lines above say why"


def announce(title: str, host: str, port: int, password: str | None, *, hidden: bool) -> None:
    """Print where participants and researchers go."""
    name = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else host
    where = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    secret = "sign-in as set in the environment" if hidden else f"password: {password}"
    typer.echo(f"\n  {title}\n")
    typer.echo(f"  Participants   {where}/")
    typer.echo(f"  Dashboard      {where}/admin    {secret}")
    typer.echo("\n  Stop with Ctrl-C; nothing is lost.\n")


def stop_server(process: subprocess.Popen[bytes]) -> None:
    """End the server: politely first, then for certain."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
