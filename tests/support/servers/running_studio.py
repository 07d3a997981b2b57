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
from typing import Any

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


class Researcher:
    """Somebody in the studio, whose presses are counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.n_presses = page, 0

    def press(self, name: str) -> None:
        """Press a button."""
        self.n_presses += 1
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        """Press a field and type."""
        self.n_presses += 1
        self.page.get_by_label(label).fill(text)

    def choose_files(self, files: list[Path]) -> None:
        """Press *Choose files* and choose them all."""
        self.n_presses += 2
        self.page.locator("input.files").set_input_files(files)

    def sign_in(self, url: str) -> None:
        """Open a studio and sign in."""
        self.page.goto(url)
        self.fill("Password", PASSWORD)
        self.press("Sign in")

    def make_study(self, title: str, files: list[Path]) -> None:
        """Make a study of files, from the list of studies on."""
        self.press("New study")
        self.fill("Title", title)
        self.press("Make the study")
        self.page.get_by_text("Drop audio files or a folder here").wait_for()
        self.choose_files(files)
        self.press("Make the study of these files")


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


def write_codecs(folder: Path) -> list[Path]:
    """Write two recordings by three systems."""
    files = []
    for number, recording in enumerate(("castanets", "harp")):
        for system in ("mp3", "opus", "vorbis"):
            files.append(folder / f"{recording}_{system}.wav")
            files[-1].write_bytes(wav(number))
    return files


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
