"""The server as a process: its environment, its address, its start and its end."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import mixtrial
from mixtrial.server.public_address import public_address_of
from mixtrial.server.settings import LANGUAGE_VARIABLE, SettingsError

START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 10.0
MAX_SOCKET_BYTES = 2**20
"""The largest message that a page may send by its websocket: its fields hold far less."""

LAST_WORDS_S = 3
"""How long a server that is asked to stop waits for what is under way."""

APPLICATION = Path(str(mixtrial.__file__)).with_name("application")
"""Folder of the ``app.py`` that serves a study."""

HUNG_S = 60
"""One of several processes that says nothing for this long is ended, and another is started: on a
busy machine one that is starting, or at work, may be silent for many seconds."""


def server_environment(
    study: Path,
    stimuli: Path,
    database: str | None,
    password: str | None,
    base_path: str | None = None,
    language: str | None = None,
) -> dict[str, str]:
    """Return the environment for the server, with its study and its address.

    Raises
    ------
    SettingsError
        The base path or the host names cannot be used.
    """
    environment = dict(os.environ)
    environment["MIXTRIAL_STUDY"] = str(study)
    environment["MIXTRIAL_STIMULI"] = str(stimuli)
    if database is not None:
        environment["MIXTRIAL_DATABASE_URL"] = database
    if password is not None:
        environment["MIXTRIAL_ADMIN_PASSWORD"] = password
    if base_path is not None:
        environment["MIXTRIAL_BASE_PATH"] = base_path
    if language is not None:
        environment[LANGUAGE_VARIABLE] = language
    public_address_of(environment)  # this call reports an invalid public address
    return environment


def check_place(host: str, port: int) -> None:
    """Raise ``SettingsError`` unless a server could listen on ``host``:``port`` now."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # Like the server, this test regards a port as free while old connections to it are
            # closing.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (socket.gaierror, UnicodeError) as error:
        raise SettingsError(f"There is no host {host}.") from error
    except PermissionError as error:
        raise SettingsError(
            f"Port {port} needs administrator rights; choose one from 1024 on."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(f"Port {port} is in use; choose another with --port.") from error
        raise SettingsError(f"{host} is not an address of this machine.") from error


def address_here(host: str, port: int) -> str:
    """Address at which a browser on this machine finds a server, without a path."""
    name = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen on ``host``:``port`` now."""
    try:
        check_place(host, port)
    except SettingsError:
        return False
    return True


def server_command(host: str, port: int, workers: int = 1, folder: Path | None = None) -> list[str]:
    """Return the uvicorn command that serves ``app.py`` of a folder (by default, the survey's).

    With ``streamlit run``, browsers could send websocket messages as large as the messages that
    Streamlit sends.
    """
    options: dict[str, str | int] = {
        "app-dir": str(folder or APPLICATION),
        "host": host,
        "port": port,
        "log-level": "warning",
        # With compression, a few kilobytes from the network could become megabytes in memory.
        "ws-per-message-deflate": "false",
        "ws-max-size": MAX_SOCKET_BYTES,
        "workers": workers,
        "timeout-worker-healthcheck": HUNG_S,
        "timeout-graceful-shutdown": LAST_WORDS_S,
    }
    flags = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    # With -P and --app-dir, modules in the current folder are never imported.
    return [sys.executable, "-P", "-m", "uvicorn", "app:app", "--no-access-log", *flags]


def start_server(
    host: str, port: int, environment: Mapping[str, str], workers: int = 1
) -> subprocess.Popen[bytes]:
    """Start the survey's process, without the server's usual messages at the start.

    Several workers share the port. The workers are connected only through the database.
    """
    end_when_told()
    return subprocess.Popen(
        server_command(host, port, workers),
        env=dict(environment),
        stdout=subprocess.DEVNULL,
    )


def wait_until_ready(process: subprocess.Popen[bytes], host: str, port: int) -> None:
    """Return when the server answers; raise ``SettingsError`` if the server ends or is silent."""
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SettingsError("The survey could not be started; the lines above give the reason.")
        try:
            with urllib.request.urlopen(f"http://{place}/api/healthz", timeout=2) as answer:
                if b"ok" in answer.read():
                    return
        except urllib.error.HTTPError as refusal:
            # The server runs but cannot open its study. The server's answer gives the reason.
            raise SettingsError(_reason(refusal.read())) from None
        except OSError:
            time.sleep(0.2)
    raise SettingsError(f"The survey did not answer within {START_TIMEOUT_S:.0f} s.")


def _reason(body: bytes) -> str:
    """The sentence of a refusal, or a default sentence if the answer is not from mixtrial."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "the survey could not be started; the lines above say why"


def stop_server(process: subprocess.Popen[bytes]) -> None:
    """End the server: first by a request, then by force."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_when_told() -> None:
    """Turn a terminate signal to this command into an exception, so that the server ends, too."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
