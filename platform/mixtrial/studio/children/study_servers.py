"""The servers of single studies: started on request, monitored, ended with the studio.

Each server is like the server of ``mixtrial serve``, but under the path ``/s/NAME`` and on a
private port of this machine. Participants reach a study's server through the studio. If a server
ended by itself, the next request starts it again.
"""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from mixtrial.processes.started import let_go, start, stop
from mixtrial.server.process import START_TIMEOUT_S, server_command
from mixtrial.server.public_address import public_address
from mixtrial.studies.study_folder import FROM_STUDIO, StudyFolder
from stimuli.study.manifest import MANIFEST_NAME

HOST = "127.0.0.1"
STUDIES_AT = "/s"
"""Path below which the studies lie."""

MOST_STARTS = 3
WITHIN_S = 120.0
"""A server that was started so often in this time, and ended, is left alone for as long."""

ENDS_BY_ITSELF = "its server ends by itself; the studio's log says why"
NOT_THERE = "its server has not answered; the studio's log says why"
SILENT_FOR_S = 0.1


@dataclass
class _Server:
    """One server process, and whether the server has answered."""

    process: subprocess.Popen[bytes]
    port: int
    stamp: tuple[int, ...]
    is_ready: bool = False
    fault: str = ""

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


@dataclass
class StudyServers:
    """All servers of a studio, by the folder of their study; safe to share between threads."""

    environment: Mapping[str, str] = field(repr=False)
    _servers: dict[Path, _Server] = field(default_factory=dict)
    _starts: dict[Path, list[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def port_of(self, study: StudyFolder) -> int | None:
        """Port of a study's server when it answers; None while it is being started.

        The first request starts the server.

        Raises
        ------
        ChildProcessError
            The server has ended repeatedly, or does not answer; the message says which.
        """
        with self._lock:
            server = self._servers.get(study.path)
            if server is not None and server.stamp != _stamp(study) and not study.notes().is_open:
                # The study is not open, so its server can be restarted with the present version of
                # the study.
                Thread(target=stop, args=(self._servers.pop(study.path).process,)).start()
                self._starts.pop(study.path, None)
                server = None
            if server is None or not server.is_alive:
                server = self._start(study)
        if server.fault:
            raise ChildProcessError(server.fault)
        return server.port if server.is_ready else None

    def stop(self, study: StudyFolder) -> None:
        """End the server of a study, if it has one, and forget the server's earlier starts."""
        with self._lock:
            server = self._servers.pop(study.path, None)
            self._starts.pop(study.path, None)
        if server is not None:
            stop(server.process)

    def stop_all(self) -> None:
        """End all servers at the same time."""
        with self._lock:
            servers, self._servers = list(self._servers.values()), {}
        ending = [Thread(target=stop, args=(server.process,)) for server in servers]
        for thread in ending:
            thread.start()
        for thread in ending:
            thread.join()

    def _start(self, study: StudyFolder) -> _Server:
        now = time.monotonic()
        recent = [each for each in self._starts.get(study.path, []) if now - each < WITHIN_S]
        if len(recent) >= MOST_STARTS:
            raise ChildProcessError(ENDS_BY_ITSELF)
        self._starts[study.path] = [*recent, now]
        if study.path in self._servers:
            let_go(self._servers[study.path].process)
        port = _free_port()
        process = start(server_command(HOST, port)[3:], self._environment_of(study))
        server = self._servers[study.path] = _Server(process, port, _stamp(study))
        Thread(target=_wait_for, args=(server,), daemon=True).start()
        return server

    def _environment_of(self, study: StudyFolder) -> dict[str, str]:
        return {
            **self.environment,
            FROM_STUDIO: "1",
            "MIXTRIAL_STUDY": str(study.study_file),
            "MIXTRIAL_BASE_PATH": address_of(study.name).rstrip("/"),
            # The server takes the participant's address from the headers that the studio sends.
            "FORWARDED_ALLOW_IPS": HOST,
        }


def address_of(name: str) -> str:
    """Public path of the study with this name."""
    return public_address().outer(f"{STUDIES_AT}/{name}/")


def _wait_for(server: _Server) -> None:
    """Ask a server until it answers, ends, or takes too long."""
    place = f"http://{HOST}:{server.port}/api/healthz"
    deadline = time.monotonic() + START_TIMEOUT_S
    while server.is_alive and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(place, timeout=5):
                server.is_ready = True
                return
        except urllib.error.HTTPError:  # the server runs, and reports any fault on its own pages
            server.is_ready = True
            return
        except OSError:
            time.sleep(SILENT_FOR_S)
    if server.is_alive:
        server.fault = NOT_THERE


def _stamp(study: StudyFolder) -> tuple[int, ...]:
    """Times at which the study's file and its build were written."""
    places = (study.study_file, study.build / MANIFEST_NAME)
    return tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in places)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
