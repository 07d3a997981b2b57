"""A studio on an empty folder, as ``mixtrial studio`` starts it, and what tests ask of it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from route_server import START_TIMEOUT_S, free_port

PASSWORD = "correct harbour battery"
SAMPLE_RATE = 44_100


@dataclass
class RunningStudio:
    """A studio, its folder and its process."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    cookie: str = ""

    @property
    def url(self) -> str:
        """Its address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def sign_in(self) -> None:
        """Sign in, as the form does."""
        opener = urllib.request.build_opener(_Stay())
        body = urllib.parse.urlencode({"password": PASSWORD}).encode()
        with opener.open(f"{self.url}/api/login", body) as answer:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]

    def ask(
        self, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer; signed in where ``sign_in`` was called."""
        given = {"Cookie": self.cookie, **{k.replace("_", "-"): v for k, v in headers.items()}}
        request = urllib.request.Request(f"{self.url}{path}", body, given)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def upload(self, study: str, name: str, body: bytes, **headers: str) -> tuple[int, str]:
        """Status of an upload, and the sentence where it was refused."""
        query = urllib.parse.urlencode({"name": name})
        status, _, said = self.ask(f"/api/studio/{study}/files?{query}", body, **headers)
        return status, str(json.loads(said).get("error", ""))


class _Stay(urllib.request.HTTPRedirectHandler):
    """Take a redirect for the answer."""

    def redirect_request(self, *_: object) -> None:
        return None

    def http_error_303(self, _req: object, answer: object, *_: object) -> object:
        return answer


def wav(number: int = 0, duration_s: float = 1.0) -> bytes:
    """A recording: noise that differs by its number."""
    noise = 0.05 * np.random.default_rng(number).standard_normal((int(duration_s * SAMPLE_RATE), 2))
    file = io.BytesIO()
    soundfile.write(file, noise, SAMPLE_RATE, "PCM_16", format="WAV")
    return file.getvalue()


@contextlib.contextmanager
def running_studio(folder: Path) -> Iterator[RunningStudio]:
    """Serve a folder while the block runs."""
    port = free_port()
    environment = {**os.environ, "MIXTRIAL_ADMIN_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "mixtrial", "studio", str(folder), "--port", str(port)]
    with (folder.parent / "studio.log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_up(port, process)
        yield RunningStudio(folder, port, process)
    finally:
        process.terminate()
        process.wait(START_TIMEOUT_S)


def wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a studio answers."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/healthz", timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError("the studio did not start")
