"""The image of docs/deploy/Dockerfile, built and run without a daemon: buildah in a chroot.

Its base is made by debootstrap of Debian's packages; ``MIXTRIAL_TEST_BASE`` names a folder instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import mixtrial
import places
from browser_study import write_study

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, ("buildah", "debootstrap"))) or os.getuid() != 0,
        reason="needs Debian's packages buildah and debootstrap, and root",
    ),
]
BASE = "localhost/mixtrial-base"  # with its place, else buildah looks among those it knows
PACKAGES = "ca-certificates,python3,python3-venv"
SETTINGS = ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
"""What pip needs to find packages as it does here."""


def buildah(store: Path, *arguments: str) -> str:
    """Run buildah with a store of its own; return what it prints last."""
    places_of = [f"--root={store / 'root'}", f"--runroot={store / 'run'}"]
    done = subprocess.run(
        ["buildah", *places_of, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.strip()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Debian with Python."""
    if "MIXTRIAL_TEST_BASE" in os.environ:
        return Path(os.environ["MIXTRIAL_TEST_BASE"])
    folder = tmp_path_factory.mktemp("base") / "debian"
    call = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(folder)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("debootstrap found no Debian to build on")
    for name in filter(os.path.exists, SETTINGS):
        shutil.copy(name, folder / name.lstrip("/"))
    return folder


@pytest.fixture(scope="module")
def container(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A container of the image, and the store that it lies in."""
    store = tmp_path_factory.mktemp("store")
    empty = buildah(store, "from", "scratch")
    buildah(store, "add", "--quiet", empty, str(base), "/")
    buildah(store, "commit", "--quiet", empty, BASE)
    source = tmp_path_factory.mktemp("source") / "mixtrial"
    subprocess.run(["git", "clone", "-q", str(places.ROOT), str(source)], check=True)
    build = [
        "bud",
        "--format=docker",
        "--isolation=chroot",
        "--network=host",
        f"--build-arg=BASE={BASE}",
    ]
    buildah(store, *build, "-f", "docs/deploy/Dockerfile", "-t", "localhost/mixtrial", str(source))
    yield store, buildah(store, "from", "localhost/mixtrial")
    buildah(store, "rm", "--all")


def test_the_image_holds_mixtrial_for_an_account_that_is_not_root(
    container: tuple[Path, str],
) -> None:
    """The lock's core and server, no torch; the account may not write the installation."""
    store, name = container
    run = ("run", "--isolation=chroot", name, "--")
    assert buildah(store, *run, "id", "-u") == "1000"
    said = buildah(store, *run, "mixtrial", "version")
    assert said.startswith(f"mixtrial {mixtrial.__version__} ")
    assert "postgres" in said
    assert buildah(store, *run, "sh", "-c", "test -w /opt/mixtrial || echo kept") == "kept"
    code = "import importlib.util as u; print(u.find_spec('torch'))"
    assert buildah(store, *run, "python", "-c", code) == "None"


def test_the_image_serves_a_study_and_says_that_it_is_healthy(
    container: tuple[Path, str], tmp_path: Path
) -> None:
    """The server answers the check that stands in the Dockerfile."""
    store, name = container
    study = write_study(tmp_path).parent
    subprocess.run(["chown", "-R", "1000", str(study)], check=True)
    check = (
        "import time, urllib.request\n"
        "for _ in range(120):\n"
        "    try:\n"
        "        print(urllib.request.urlopen('http://127.0.0.1:8501/api/healthz').status)\n"
        "        break\n"
        "    except OSError:\n"
        "        time.sleep(1)\n"
    )
    script = f'mixtrial serve /study/study.yaml --port 8501 & python -c "{check}"; kill $!'
    said = buildah(
        store,
        "run",
        "--isolation=chroot",
        f"--volume={study}:/study",
        name,
        "--",
        "sh",
        "-c",
        script,
    )
    assert "200" in said.splitlines()
