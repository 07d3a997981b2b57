"""A small study with made-up sound, its server, and a browser: what the browser tests share.

The stimuli are written directly, with a manifest beside them, so that these tests need no mixing.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import places
from db.records.participation import Participant
from db.store.store import open_store
from forked import Forked, start_module
from mixing.audio import Audio, write_flac
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.process import server_command
from mixtrial.server.settings import settings_for_study
from route_server import free_port
from stimuli.rendering.blind_flac import alike
from stimuli.study.manifest import Stimulus, write_manifest

REPOSITORY = places.ROOT
APP = REPOSITORY / "platform" / "app.py"
SAMPLE_RATE = 44_100
DURATION_S = 4.0
SONGS = ("amber", "birch")
SYSTEMS = ("baseline", "cnn", "human", "random")
ATTRIBUTES = ("level", "eq", "compression", "reverb", "overall")
# The shell alone, without a browser's own windows, draws a page for less work.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
TWO_ATTRIBUTES = "parts: [{type: attributes, attributes: [level, overall]}]"
"""Line of a study whose pages are rated more quickly, where not the rating is tested."""

START_TIMEOUT_S = 240.0
# Only a failing test waits so long; a machine may be busy with other work.
TIMEOUT_MS = 120_000.0
# Where a page has stopped because a busy machine's sound did not begin in time, and says so, it is
# pressed anew, as somebody would.
N_TRIES = 3
HELD_BACK = ".sound .problem:visible"
WAKE_MS = 6_000.0
WATCH_SAVES = """(region) => {
  window.saidOfSaves = [];
  const note = () => window.saidOfSaves.push(region.textContent);
  new MutationObserver(note).observe(region, { childList: true });
}"""


def write_study(
    folder: Path,
    *,
    is_built: bool = True,
    title: str = "Which mix is best?",
    more: Sequence[str] = (),
) -> Path:
    """Write a study of two songs, four systems and a practice page; return the study file.

    ``more`` are further lines of it.
    """
    for song in SONGS:
        for part in ("vocal", "backing", "human"):
            (folder / f"{song}_{part}.flac").write_bytes(_quiet_stem())
    lines = [f"title: {title}", "seed: 7", f"systems: [{', '.join(SYSTEMS)}]", "songs:"]
    for song in SONGS:
        lines.append(f"  - name: {song}")
        lines += [f"    {part}: {song}_{part}.flac" for part in ("vocal", "backing", "human")]
    lines += more
    path = folder / "study.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if is_built:
        write_build(folder / "build")
    return path


def write_build(folder: Path, made: Sequence[str] = ()) -> None:
    """Write equally large stimuli and their manifest: one noise for all, a tone for each system.

    ``made`` are names of stimuli that no system makes, such as anchors.
    """
    (folder / "audio").mkdir(parents=True)
    stimuli = []
    systems = (*SYSTEMS, *made)
    for number, song in enumerate(SONGS):
        for system, (served, again) in zip(systems, _served(number, len(systems)), strict=True):
            name = hashlib.sha256(f"{song}/{system}".encode()).hexdigest()[:24]
            path = folder / "audio" / f"{name}.flac"
            copy = path.with_stem(f"{path.stem}0")
            path.write_bytes(served)
            copy.write_bytes(again)
            stimuli.append(_stimulus(song, system, path, folder, copy))
    write_manifest(folder, stimuli)


@functools.cache
def _quiet_stem() -> bytes:
    return _flac(np.full((2, int(3.5 * SAMPLE_RATE)), 0.01, dtype=np.float32))


@functools.cache
def _served(number: int, n_systems: int) -> list[tuple[bytes, bytes]]:
    """Both files of each stimulus of a song: for more than two hearings they are taken in turn."""
    n_samples = int(DURATION_S * SAMPLE_RATE)
    time_s = np.arange(n_samples) / SAMPLE_RATE
    noise = 0.05 * np.random.default_rng(number).standard_normal(n_samples)
    tones = [0.05 * np.sin(2 * np.pi * 220 * (n + 1) * time_s) for n in range(n_systems)]
    first = [_flac(np.stack(2 * [noise + tone]).astype(np.float32)) for tone in tones]
    served = alike(2 * first, range(2 * n_systems))
    return list(zip(served[:n_systems], served[n_systems:], strict=True))


def _flac(sound: Audio) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".flac") as file:
        write_flac(Path(file.name), sound, SAMPLE_RATE)
        return Path(file.name).read_bytes()


def _stimulus(song: str, system: str, path: Path, folder: Path, copy: Path) -> Stimulus:
    return Stimulus(
        song=song,
        system=system,
        file=path.relative_to(folder).as_posix(),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        integrated_lufs=-23.0,
        true_peak_dbtp=-6.0,
        lra_lu=1.0,
        duration_s=DURATION_S,
        sample_rate=SAMPLE_RATE,
        gain_db=0.0,
        page_target_lufs=-23.0,
        mix_integrated_lufs=-23.0,
        mix_true_peak_dbtp=-6.0,
        profile="corrected",
        seed=0,
        key="0" * 64,
        parameters="{}",
        copies=" ".join(place.relative_to(folder).as_posix() for place in 20 * (copy, path)),
    )


@dataclass
class Server:
    """A running survey; ``stop`` and ``start`` keep its port and its data.

    ``settings`` are further variables of its environment, ``base_path`` comes before its pages;
    ``health`` is what answers once it is up.
    """

    study: Path
    port: int
    app: Path = APP
    process: Forked | subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)
    health: str = "/api/healthz"
    base_path: str = ""

    @property
    def url(self) -> str:
        """Address of the survey, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}{self.base_path}"

    @property
    def database_url(self) -> str:
        """Where the answers are kept."""
        return f"sqlite:///{(self.study.parent / 'mixtrial.sqlite').as_posix()}"

    def participant(self, token: str) -> Participant:
        """A participant as the archive has them."""
        store = open_store(self.database_url)
        try:
            found = store.find_participant(token)
        finally:
            store.close()
        assert found is not None
        return found

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = server_command("127.0.0.1", self.port)
        command[command.index("app:app")] = f"{self.app.stem}:app"
        command += ["--app-dir", str(self.app.parent)]
        arguments = command[command.index("uvicorn") :]
        environment = {
            **os.environ,
            "MIXTRIAL_STUDY": str(self.study),
            "MIXTRIAL_SECRET": "of the tests",
            "MIXTRIAL_BASE_PATH": self.base_path,
            **self.settings,
        }
        for name in ("MIXTRIAL_STIMULI", "MIXTRIAL_DATABASE_URL"):
            environment.pop(name, None)
        with (self.study.parent / "server.log").open("ab") as log:
            self.process = start_module(arguments, environment, log=log.fileno())
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if answers(f"{self.url}{self.health}"):
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError((self.study.parent / "server.log").read_text())

    def stop(self) -> None:
        """End it and wait until it is gone."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(START_TIMEOUT_S)
            self.process = None


def answers(url: str) -> bool:
    """Whether a server answers under an address."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False


@contextlib.contextmanager
def running_server(
    study: Path,
    app: Path = APP,
    health: str = "/api/healthz",
    base_path: str = "",
    **settings: str,
) -> Iterator[Server]:
    """Serve a study on a free port; ``settings`` are variables of the server's environment."""
    server = Server(study, free_port(), app, settings=settings, health=health, base_path=base_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def running_browser(language: str = "en") -> Iterator[Any]:
    """Headless Chromium of a language; skips where there is none (``make test`` installs it)."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = os.environ.get("MIXTRIAL_CHROMIUM") or next(
        filter(None, map(shutil.which, CHROMIUM_NAMES)), None
    )
    if path is None:
        pytest.skip("there is no Chromium; make test installs it, or set MIXTRIAL_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[*CHROMIUM_FLAGS, f"--lang={language}"],
            env={**os.environ, "LANGUAGE": language},
        )
        sync_api.expect.set_options(timeout=TIMEOUT_MS)
        try:
            yield browser
        finally:
            browser.close()


# Every sound that reaches the loudspeaker also passes a meter of the tests.
TAP = """
(() => {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !(this instanceof AnalyserNode)) {
      const meter = this.context.createAnalyser();
      meter.fftSize = 8192;
      connect.call(this, meter);
      window.heard = () => {
        const samples = new Float32Array(meter.fftSize);
        meter.getFloatTimeDomainData(samples);
        return Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
      };
    }
    return connect.call(this, target, ...rest);
  };
})();
"""


def new_context(browser: Any, **options: Any) -> Any:
    """A browser's context with the meter in it, which only a failing test lets wait for long."""
    context = browser.new_context(**options)
    context.add_init_script(TAP)
    context.set_default_timeout(TIMEOUT_MS)
    return context


def rate_slider(page: Any, button: Any, slot: int, value: float) -> None:
    """Press the button of a stimulus and move the slider of its slot."""
    sync_api = pytest.importorskip("playwright.sync_api")
    slider = page.locator(".slider").nth(slot)
    for _ in range(N_TRIES):
        button.click()
        try:
            slider.fill(str(value), timeout=WAKE_MS)
        except sync_api.TimeoutError:
            if not page.locator(HELD_BACK).count():
                break
        else:
            return
    slider.fill(str(value))


class Walker:
    """A participant in a browser, and all that a page of ours must not do.

    ``shared`` is a context of :func:`new_context` for several one after the other: files that all
    pages load are loaded once; cookies are cleared behind each.
    """

    def __init__(self, browser: Any, server: Server, *, shared: Any = None, **options: Any) -> None:
        self.server = server
        self.is_shared = shared is not None
        self.context = shared or new_context(browser, **options)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.audio_urls: list[str] = []
        self.n_frames_sent = 0
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("websocket", lambda socket: socket.on("framesent", self._on_frame))

    def _on_console(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def _on_request(self, request: Any) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.troubles.append(f"external request: {request.url}")
        if "/api/audio/" in request.url:
            self.audio_urls.append(request.url.rpartition("/")[2])

    def _on_frame(self, _frame: Any) -> None:
        self.n_frames_sent += 1

    @property
    def token(self) -> str:
        """The participant's token, from the address."""
        return str(self.page.url.partition("?p=")[2])

    def overflow_px(self) -> int:
        """How far the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def agree(self) -> None:
        """From the link to the first question."""
        self.page.goto(f"{self.server.url}/")
        self.page.get_by_role("button", name="I agree").click()
        self.page.get_by_text("What describes you best?").wait_for()

    def answer_questions(self) -> None:
        """Answer the questionnaire."""
        for answer in ("Hobbyist", "Headphones"):
            self.page.get_by_test_id("stRadioOption").filter(has_text=answer).click()
        self.page.get_by_role("button", name="Continue").click()

    def set_volume(self) -> None:
        """Listen, and take the volume as it is."""
        self.page.locator(".play:not([disabled])").click()
        self.page.get_by_role("button", name="This is comfortable").click()

    def wait_for_page(self) -> None:
        """Until the recordings of a page are there, and the page before it is not."""
        self.page.locator(".rating:not([aria-busy=true]) .letter:not([disabled])").first.wait_for()

    def rate(self, slot: int, value: int) -> None:
        """Listen to a stimulus and move its slider to a value."""
        rate_slider(self.page, self.page.locator(".letter").nth(slot), slot, value)

    def watch_saves(self) -> None:
        """Note from now on what the page says of saving: some of it is soon replaced."""
        self.page.locator(".save-state").evaluate(WATCH_SAVES)

    def said_of_saves(self) -> list[str]:
        """Sentences of the page about saving since it was watched."""
        return list(self.page.evaluate("window.saidOfSaves"))

    def next(self) -> None:
        """Press the page's main button."""
        self.page.locator(".rating .next").click()

    def rate_page(self, value_of: Any, n_attributes: int = len(ATTRIBUTES)) -> None:
        """Rate all of a page: ``value_of(slot, attribute number)`` gives the values."""
        self.wait_for_page()
        for number in range(n_attributes):
            for slot in range(len(SYSTEMS)):
                self.rate(slot, value_of(slot, number))
            self.next()

    def go_to_first_page(self) -> None:
        """From the link to the practice page."""
        self.agree()
        self.answer_questions()
        self.set_volume()
        self.wait_for_page()

    def return_to_first_page(self) -> None:
        """By somebody's own link to the practice page, once they agreed, answered and listened."""
        installation = load_installation(settings_for_study(self.server.study))
        store = installation.store
        try:
            token = enrol(installation).token
            store.record_consent(token, "v", accepted=True)
            store.record_questionnaire(token, "hobbyist", "headphones")
            store.record_volume(token, 0.25)
        finally:
            store.close()
        self.page.goto(f"{self.server.url}/?p={token}")
        self.wait_for_page()

    def last_words(self) -> str:
        """Text and complaints of the page, for the report of a failing test."""
        try:
            shown = self.page.locator("body").inner_text(timeout=5_000)
            players = self.page.locator(".player").all_inner_texts()
        except Exception as error:
            return f"The page could not be read: {error}"
        return "\n".join([self.page.url.partition("?")[0], shown, *players, *self.troubles])

    def close(self) -> None:
        """Close the browser's context, or leave a shared one to the next."""
        if not self.is_shared:
            self.context.close()
            return
        for page in self.context.pages:
            page.close()
        self.context.set_offline(False)
        self.context.clear_cookies()
