"""The package as a wheel: installed elsewhere, it runs a study from its songs to its report.

The wheel is made from the source distribution, not from the tree, so that both are whole. It lies
in an environment that may not be written, its user has no home, and the folder from which its
commands are given is full of files with the names of its own packages. What Windows or macOS lack
is hidden from it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import urllib.request
import venv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

import places
from mixing.audio import write_flac
from route_server import free_port

REPOSITORY = places.ROOT
PACKAGES = {
    "mixing": REPOSITORY / "mixing",
    "stimuli": REPOSITORY / "stimuli",
    "db": REPOSITORY / "db",
    "analysis": REPOSITORY / "analysis",
    "mixtrial": REPOSITORY / "platform" / "mixtrial",
}
ELSEWHERE = """
import builtins, os, sys

OURS = {"mixing", "stimuli", "db", "analysis", "mixtrial"}
imported = builtins.__import__

def imports(name, globals=None, *more, **keywords):
    importer = str((globals or {}).get("__name__")).partition(".")[0]
    if importer in OURS and name in {"fcntl", "grp", "pwd", "resource", "termios"}:
        raise ModuleNotFoundError(f"{importer} imports {name}, which Windows lacks", name=name)
    return imported(name, globals, *more, **keywords)

def without_proc(event, given):
    if event in {"open", "os.listdir", "os.scandir"} and str(given[0]).startswith("/proc/self"):
        frame = sys._getframe(1)
        while str(frame.f_globals.get("__name__")) in {"pathlib", "os", "io"} and frame.f_back:
            frame = frame.f_back
        if str(frame.f_globals.get("__name__")).partition(".")[0] in OURS:
            raise FileNotFoundError(2, "there is no such folder on Windows or macOS", given[0])

builtins.__import__ = imports
sys.addaudithook(without_proc)
for name in ("fork", "forkpty", "killpg", "setsid", "sched_getaffinity"):
    delattr(os, name)
"""
"""A sitecustomize.py that hides from our packages what Python has on Linux or Unix alone."""
STRAYS = ("analysis", "db", "mixing", "platform", "stimuli", "mixtrial", "app", "entry", "pages")


@dataclass(frozen=True)
class Installed:
    """A wheel in an environment of its own, and the folder of a study made with it."""

    environment: Path
    folder: Path

    @property
    def study(self) -> str:
        """The study file, seen from the folder."""
        return "mixtrial-demo/study.yaml"

    def command(self, *arguments: str) -> list[str]:
        """A ``mixtrial`` command as somebody gives it who may write in the folder alone."""
        unprivileged = []
        if os.getuid() == 0:  # root without its privileges: what the files' modes say holds for it
            privileges = "-dac_override,-dac_read_search,-fowner,-chown"
            unprivileged = ["setpriv", f"--bounding-set={privileges}"]
        return [*unprivileged, str(self.environment / "bin" / "mixtrial"), *arguments]

    @property
    def surroundings(self) -> dict[str, str]:
        """Environment of a user without a home, in the plainest locale, on another system.

        Everything that is compiled is kept among the temporary files, for want of another place;
        it is compiled quickly (``NUMBA_OPT``), since it runs for a few seconds only.
        """
        place = self.environment.parent
        return surroundings(
            PYTHONPATH=str(place / "elsewhere"), TMPDIR=str(place / "temporary"), NUMBA_OPT="1"
        )

    def run(self, *arguments: str, **more: str) -> str:
        """Run a command to its end; return what it answers."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.surroundings, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def surroundings(**more: str) -> dict[str, str]:
    """Environment of a user without a home, in the plainest locale."""
    return {"LANG": "C", "HOME": "/proc/nowhere", "PATH": os.environ["PATH"], **more}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the source distribution of this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = next(iter(SdistBuilder(str(REPOSITORY)).build(directory=str(folder))))
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    builder = WheelBuilder(str(unpacked))
    return Path(next(iter(builder.build(directory=str(folder), versions=["standard"]))))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Installed]:
    """The wheel in an environment that has our dependencies, and not our checkout."""
    place = Path(tempfile.mkdtemp())
    environment, folder = place / "environment", place / "study"
    venv.create(environment, with_pip=False)
    pip = [sys.executable, "-m", "pip", "-q", "--python", str(environment / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    set_writable(environment, is_writable=False)
    folder.mkdir()
    for name in STRAYS:
        (folder / f"{name}.py").write_text(f"raise SystemExit('a stray {name}.py')\n")
    (place / "temporary").mkdir()
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "sitecustomize.py").write_text(ELSEWHERE, encoding="utf-8")
    yield Installed(environment, folder)
    set_writable(environment, is_writable=True)
    shutil.rmtree(place)


def set_writable(folder: Path, *, is_writable: bool) -> None:
    """Let everything below a folder be written, or nothing."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o200 if is_writable else mode & ~0o222)


def files_of(folder: Path) -> set[str]:
    """Files of a package by their path in it, without what Python keeps for itself."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


class Serving:
    """A server of the wheel, started by one of its commands; ended with the block."""

    def __init__(self, installed: Installed, arguments: Sequence[str], **more: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            installed.command(*arguments, "--port", str(self.port)),
            cwd=installed.folder,
            env={**installed.surroundings, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Serving:
        """Wait until the links are printed."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "Stop with" in line:
                break
        else:
            assert self.process.stderr is not None
            pytest.fail(self.process.stderr.read())
        (self.password,) = re.findall(r"password: (\S+)", said)
        return self

    def __exit__(self, *_raised: object) -> None:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    @property
    def url(self) -> str:
        """Address of the survey."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> int:
        """Status of the first page."""
        with urllib.request.urlopen(self.url + "/", timeout=60) as answer:
            return int(answer.status)


def test_the_wheel_has_every_file_of_the_packages(wheel: Path, tmp_path: Path) -> None:
    """Modules, styles, texts, weights and the demo's study: nothing is left behind in the tree."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    listing = subprocess.run(
        ["git", "ls-files", "-z", *(str(path) for path in PACKAGES.values())],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    tracked = {REPOSITORY / name for name in listing.stdout.decode().split("\0") if name}
    for package, folder in PACKAGES.items():
        missing = files_of(folder) - files_of(tmp_path / package)
        if tracked:  # what lies about untracked need not be shipped
            missing = {name for name in missing if folder / name in tracked}
        assert missing == set(), package
        assert (tmp_path / package / "py.typed").is_file()  # PEP 561: it offers its types


def test_what_windows_and_macos_lack_is_hidden(installed: Installed) -> None:
    """The other tests would prove nothing if it were there."""
    code = "import os; print(hasattr(os, 'fork')); import analysis.validation.bench"
    done = subprocess.run(
        [str(installed.environment / "bin" / "python"), "-P", "-c", code],
        env=installed.surroundings, cwd=installed.folder,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "False\n"
    assert "analysis imports resource, which Windows lacks" in done.stderr


@pytest.mark.slow
def test_the_installed_wheel_mixes_a_song(installed: Installed) -> None:
    """`mix` writes a file and prints what it did."""
    rng = np.random.default_rng(3)
    for name in ("vocal", "backing"):
        noise = (0.05 * rng.standard_normal((2, 4 * 44_100))).astype(np.float32)
        write_flac(installed.folder / f"{name}.flac", noise, 44_100)
    told = installed.run(
        "mix", "--vocal", "vocal.flac", "--backing", "backing.flac", "--system", "baseline",
        "--out", "mix.flac",
    )  # fmt: skip
    assert json.loads(told)["system"] == "baseline"
    assert (installed.folder / "mix.flac").stat().st_size > 10_000


@pytest.fixture(scope="module")
def answered(installed: Installed) -> Installed:
    """The demo's study, mixed and served by `demo`, in which two have taken part.

    They are simulated and come over HTTP: each fetches every stimulus and saves by the routes that
    browsers use.
    """
    with Serving(installed, ["demo", "--songs", "1"]) as demo:
        assert demo.answers() == 200
        bots = ["simulate", installed.study, "--participants", "2", "--over-http", demo.url]
        told = installed.run(*bots, MIXTRIAL_ADMIN_PASSWORD=demo.password)
        assert "2 simulated participants took part over HTTP" in told
    return installed


def test_the_installed_wheel_takes_a_study_from_its_songs_to_its_table(
    answered: Installed,
) -> None:
    """`demo` builds and serves; a participant hears, rates and is in the export."""
    assert "MUSHRA" in answered.run("check", answered.study)
    answered.run("export", answered.study, "--out", "ratings.csv")
    lines = (answered.folder / "ratings.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 2 * 4 * 5  # two participants, four mixes, five attributes, the practice


@pytest.mark.slow
def test_the_installed_wheel_serves_by_two_processes_and_reports(answered: Installed) -> None:
    """`serve --workers 2` answers, and the report on the same study is written."""
    assert answered.run("version").startswith("mixtrial ")
    with Serving(answered, ["serve", answered.study, "--workers", "2"]) as served:
        assert served.answers() == 200
    answered.run("report", answered.study, "--no-pictures", "--out", "report")
    assert (answered.folder / "report" / "report.html").stat().st_size > 10_000


def test_a_namesake_of_our_packages_is_told_in_one_sentence(
    installed: Installed, tmp_path: Path
) -> None:
    """Python looks on its path first: what would be imported from there is named."""
    stray = tmp_path / "analysis.py"
    stray.write_text("", encoding="utf-8")
    done = subprocess.run(
        installed.command("version"),
        env=surroundings(PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("mixtrial: Python does not find mixtrial's own package analysis")
    assert f"({stray} is imported)" in done.stderr
