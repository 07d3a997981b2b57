"""An artificial study for the measurement, with a local server that can be killed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from db.records.participation import Participant
from mixing.audio import write_flac
from mixtrial.participation.enrolment import answer_questionnaire, enrol
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.process import check_place, start_server, stop_server, wait_until_ready
from mixtrial.server.settings import settings_for_study
from stimuli.rendering.blind_flac import alike
from stimuli.study.manifest import Stimulus, write_manifest

HOST = "127.0.0.1"
PASSWORD = "load on loopback"
SYSTEMS = ("baseline", "cnn", "human", "random")
N_SONGS = 15
SAMPLE_RATE = 44_100
DURATION_S = 0.5


@contextmanager
def made_up_study() -> Iterator[Path]:
    """Study file of a built study, in a folder that is removed at the end of the ``with`` block.

    The artificial study has 15 songs with 4 mixes each and 5 questions, as in Li (2022). The sound
    of the artificial study is half a second of noise.
    """
    folder = Path(tempfile.mkdtemp(prefix="mixtrial-load-"))
    try:
        (folder / "hand.json").write_text("{}", encoding="utf-8")
        lines = ["title: Load", "seed: 7", f"systems: [{', '.join(SYSTEMS)}]", "songs:"]
        for number in range(N_SONGS):
            (folder / f"song{number}.flac").write_bytes(b"")
            parts = f"vocal: song{number}.flac, backing: song{number}.flac, human: hand.json"
            lines.append(f"  - {{name: song{number}, {parts}}}")
        path = folder / "study.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        _write_build(folder / "build")
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_build(folder: Path) -> None:
    (folder / "audio").mkdir(parents=True)
    random = np.random.default_rng(1)
    noise = random.normal(0.0, 0.1, (2, int(SAMPLE_RATE * DURATION_S))).astype(np.float32)
    files = []
    for gain in (1.0, 0.5, 0.2, 0.1):
        path = folder / "audio" / "draft.flac"
        write_flac(path, noise * gain, SAMPLE_RATE)
        files.append(path.read_bytes())
        path.unlink()
    files = alike(files, range(len(files)))
    stimuli = []
    for song in range(N_SONGS):
        for system, served in zip(SYSTEMS, files, strict=True):
            name = f"audio/{hashlib.sha256(f'{song}/{system}'.encode()).hexdigest()[:24]}.flac"
            (folder / name).write_bytes(served)
            sha256 = hashlib.sha256(served).hexdigest()
            stimuli.append(_stimulus(f"song{song}", system, name, sha256))
    write_manifest(folder, stimuli)


def _stimulus(song: str, system: str, file: str, sha256: str) -> Stimulus:
    return Stimulus(
        song=song, system=system, file=file, sha256=sha256, integrated_lufs=-23.0,
        true_peak_dbtp=-3.0, lra_lu=8.0, duration_s=DURATION_S, sample_rate=SAMPLE_RATE,
        gain_db=0.0, page_target_lufs=-23.0, mix_integrated_lufs=-23.0, mix_true_peak_dbtp=-3.0,
        profile="corrected", seed=7, key="0" * 64, parameters="{}",
        # The practice page plays copies of the rated files. Copies suffice, because other noise
        # would cause the same load.
        copies=file,
    )  # fmt: skip


def opened(study: Path) -> Installation:
    """The study and its database; this connection is separate from the server's connection."""
    return load_installation(settings_for_study(study))


def seated(installation: Installation, n_participants: int) -> list[Participant]:
    """Participants who have answered the questions, set the volume and are on their first page."""
    people = []
    for _ in range(n_participants):
        token = enrol(installation, "simulated").token
        installation.store.record_consent(token, "load", True)
        answer_questionnaire(
            installation,
            token,
            installation.study.groups[0].name,
            installation.study.devices[0].name,
        )
        installation.store.record_volume(token, 0.5)
        found = installation.store.find_participant(token)
        if found is not None:
            people.append(found)
    return people


@dataclass
class Server:
    """The whole application as started by ``mixtrial serve``, reachable only from this machine."""

    study: Path
    port: int
    workers: int = 1
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        check_place(HOST, self.port)
        environment = {
            **os.environ,
            "MIXTRIAL_STUDY": str(self.study),
            "MIXTRIAL_ADMIN_PASSWORD": PASSWORD,
        }
        for inherited in ("MIXTRIAL_DATABASE_URL", "MIXTRIAL_STIMULI"):
            environment.pop(inherited, None)
        self._process = start_server(HOST, self.port, environment, self.workers)
        wait_until_ready(self._process, HOST, self.port)

    def kill(self) -> None:
        """Kill the server without warning (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it politely."""
        if self._process is not None:
            stop_server(self._process)

    def cpu_s(self) -> float:
        """Processor time of the server and its workers so far, in seconds."""
        return sum(process_cpu_s(process) for process in self._processes())

    def memory_bytes(self) -> int:
        """Resident memory of the server and its workers."""
        pages = sum(int(_stat(process)[21]) for process in self._processes())
        return pages * os.sysconf("SC_PAGE_SIZE")

    def _processes(self) -> list[int]:
        if self._process is None:
            return []
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (stat := _stat(int(entry.name))):
                parents[int(entry.name)] = int(stat[1])
        family = {self._process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return [pid for pid in family if _stat(pid)]


def process_cpu_s(process: int) -> float:
    """Processor time of a process so far, in seconds; 0 if the process has ended."""
    return sum(map(int, _stat(process)[11:13])) / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[str]:
    """Fields of /proc/PID/stat after the process name; empty if the process has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


@contextmanager
def serving(study: Path, port: int, workers: int = 1) -> Iterator[Server]:
    """Serve a study while the ``with`` block runs."""
    server = Server(study, port, workers)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def settle(seconds: float = 1.0) -> None:
    """Give a server time to free memory before its memory is measured."""
    time.sleep(seconds)
