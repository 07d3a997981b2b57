"""The player recorded while it plays: every sample on its way to the loudspeaker, and the presses.

A page presses the player's own buttons and sends what it hears to a small server of its own; any
browser that opens the address will do. Rendering off-line cannot see what comes too late.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import soundfile

from browser_study import running_browser
from mixtrial.player.assets import player_files

RATE = 44_100
FADE = 221
STIMULUS_S = 4
SCRIPT = Path(__file__).with_suffix(".js")
PAGE = b'<!doctype html><title>live</title><body><script type="module" src="recorder.js"></script>'
BLOCK = np.dtype([("number", "<i4"), ("frame", "<i4"), ("left", "<f4", 128), ("right", "<f4", 128)])
# Two gains above this at once are a cross-fade; a step above the second is none of a raised cosine,
# whose steepest is 0.7 %.
HEARD = 1e-3
STEP = 0.01
FIREFOX_SETTINGS = {
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "media.autoplay.block-webaudio": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.min_background_timeout_value": 4,
    "dom.min_background_timeout_value_without_budget_throttling": 4,
    "dom.timeout.enable_budget_timer_throttling": False,
}


def stimulus(number: int) -> bytes:
    """WAV of a constant 1 on the left (0) or on the right (1)."""
    sound = np.zeros((STIMULUS_S * RATE, 2), dtype=np.float32)
    sound[:, number] = 1.0
    file = io.BytesIO()
    soundfile.write(file, sound, RATE, "FLOAT", format="WAV")
    return file.getvalue()


@dataclass
class Listener:
    """The server of one recording; ``files`` are the player's, or what replaces ours."""

    files: Mapping[str, bytes]
    chunks: list[bytes] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    is_done: threading.Event = field(default_factory=threading.Event)

    def content(self, name: str) -> tuple[str, bytes] | None:
        """Type and content of an address."""
        if name in self.files:
            return "text/javascript" if name.endswith(".js") else "audio/flac", self.files[name]
        if name == "":
            return "text/html", PAGE
        if name == "recorder.js":
            return "text/javascript", SCRIPT.read_bytes()
        if name.startswith("stimulus/"):
            return "audio/wav", stimulus(int(name[9]))
        return None

    def receive(self, name: str, body: bytes) -> None:
        """Keep what the page sends."""
        if name == "recorded":
            self.chunks.append(body)
        else:
            self.answer = json.loads(body)
            self.is_done.set()


@contextlib.contextmanager
def listening(files: Mapping[str, bytes]) -> Iterator[tuple[Listener, str]]:
    """A listener and its address."""
    listener = Listener(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.partition("?")[0][1:]
            kind, content = listener.content(name) or ("text/plain", None)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content or b"")

        def do_POST(self) -> None:
            listener.receive(self.path[1:], self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield listener, f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Faults:
    """Faults of one part of a recording, and how long a press took."""

    n_presses: int
    n_overlaps: int
    n_steps: int
    largest_step: float
    latency_ms: tuple[float, ...]


@dataclass(frozen=True)
class Recording:
    """The gains of two stimuli, sample by sample, and the moments of the presses."""

    gains: np.ndarray
    presses: Mapping[str, tuple[int, ...]]
    base_latency_ms: float
    # A meter on the page's own thread loses a buffer now and then: its seams show nothing.
    seam: int | None = None

    def faults(self, kind: str) -> Faults:
        """Look at what followed the presses of one kind (``switch`` or ``pause``)."""
        at = self.presses[kind]
        part = slice(at[0] - RATE // 20, at[-1] + RATE // 5)
        gains = self.gains[:, part]
        steps = np.max(np.abs(np.diff(self.gains)), axis=0)
        if self.seam is not None:
            steps[self.seam - 1 :: self.seam] = 0
        steps = steps[part]
        return Faults(
            n_presses=len(at),
            n_overlaps=n_events(np.min(gains, axis=0) > HEARD),
            n_steps=n_events(steps > STEP),
            largest_step=float(np.max(steps)),
            latency_ms=tuple(self._latency_ms(press) for press in at),
        )

    def _latency_ms(self, press: int) -> float:
        """From the clock that the press read to the first sample that falls."""
        before = self.gains[:, press].argmax()
        falling = np.flatnonzero(self.gains[before, press : press + RATE // 4] < 1 - 1e-6)
        return 1000.0 * float(falling[0]) / RATE if len(falling) else float("inf")


def n_events(is_wrong: np.ndarray) -> int:
    """Places that are wrong; what lies within 10 ms of another is the same one."""
    places = np.flatnonzero(is_wrong)
    return int(len(places) > 0) + int(np.sum(np.diff(places) > 2 * FADE))


def recording_of(listener: Listener, waiting_s: float) -> Recording:
    """The recording, once the page has sent all of it."""
    if not listener.is_done.wait(waiting_s):
        raise TimeoutError("the page sent no recording")
    if "error" in listener.answer:
        raise RuntimeError(listener.answer["error"])
    blocks = np.sort(np.frombuffer(b"".join(listener.chunks), dtype=BLOCK), order="number")
    assert np.all(np.diff(blocks["number"]) == 1), "the recording has a gap"
    # A busy browser tells a block's time late: the sound is in a row, and most times are right. The
    # first blocks are older, as the browser moves its rendering to the meter's thread.
    zero = blocks["frame"] - 128 * blocks["number"]
    first = int(np.median(zero))
    blocks = blocks[int(np.argmax(zero == first)) :]
    first += 128 * int(blocks["number"][0])
    presses = listener.answer["presses"]
    assert first < RATE * presses["switch"][0], "the recording begins too late"
    return Recording(
        gains=np.stack([blocks["left"].ravel(), blocks["right"].ravel()]),
        presses={
            kind: tuple(round(time * RATE) - first for time in times)
            for kind, times in presses.items()
        },
        base_latency_ms=1000.0 * listener.answer["baseLatency"],
        seam=listener.answer["seam"],
    )


def record_in_chromium(
    files: Mapping[str, bytes] | None = None, *, slowed: int = 1, **asked: float | str
) -> Recording:
    """Record in Chromium; ``slowed`` is how many times slower its processor is made."""
    with listening(files or player_files()) as (listener, url), running_browser() as browser:
        page = browser.new_page()
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        page.goto(f"{url}?{urlencode(asked)}")
        while not listener.is_done.is_set():
            page.wait_for_timeout(200)
        return recording_of(listener, 1.0)


@contextlib.contextmanager
def silent_sound_server(folder: Path) -> Iterator[dict[str, str]]:
    """A sound card that plays to nobody, and the environment that leads there."""
    socket = folder / "sound"
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    native = f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1"
    call = ["pulseaudio", "-n", "--exit-idle-time=-1", f"--load=module-null-sink rate={RATE}"]
    with running([*call, native], environment):
        for _ in range(300):
            if socket.exists():
                break
            time.sleep(0.1)
        yield {**environment, "PULSE_SERVER": f"unix:{socket}"}


@contextlib.contextmanager
def running(call: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A program without a voice, ended at the end."""
    silent = subprocess.DEVNULL
    process = subprocess.Popen(call, env=environment, stdout=silent, stderr=silent)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def record_in_firefox(files: Mapping[str, bytes] | None = None, **asked: float | str) -> Recording:
    """Record in Firefox, which needs no driver for a page that presses its own buttons.

    It has no clock for sound where there is no sound card, and none below 25 ms on this one.
    """
    n_frames = round(float(asked["latency"]) * RATE)
    settings = {"media.cubeb_latency_mtg_frames": n_frames}
    with open_in_firefox(files or player_files(), settings, **asked) as listener:
        return recording_of(listener, 600.0)


@contextlib.contextmanager
def open_in_firefox(
    files: Mapping[str, bytes], settings: Mapping[str, object], **asked: float | str
) -> Iterator[Listener]:
    """Open the page in Firefox; skips where there is none."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None or shutil.which("pulseaudio") is None:
        pytest.skip("there is no Firefox, or no pulseaudio; .ci/firefox installs them")
    with listening(files) as (listener, url), TemporaryDirectory() as name:
        folder = Path(name)
        chosen = {**FIREFOX_SETTINGS, **settings}.items()
        lines = (f'user_pref("{key}", {json.dumps(value)});' for key, value in chosen)
        (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
        call = [
            program,
            "--headless",
            "--no-remote",
            "--profile",
            name,
            f"{url}?{urlencode(asked)}",
        ]
        with silent_sound_server(folder) as environment, running(call, environment):
            yield listener
