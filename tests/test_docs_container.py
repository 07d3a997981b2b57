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
import yaml

import mixtrial
import places
from browser_study import write_study
from mixtrial.server.passwords import hash_password
from postgresql_server import needs_postgresql, postgresql_server
from route_server import free_port

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
"""Files that pip needs to find packages as it does here."""


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


HEALTH = """
import sys, time, urllib.request

for port in sys.argv[1:]:
    for _ in range(600):
        try:
            answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/api/healthz")
            print("healthy" if answer.status == 200 else answer.status)
            break
        except OSError:
            time.sleep(1)
"""
"""Waits until each port answers as the Dockerfile's check wants it to: minutes, if need be."""


def study_for_account(folder: Path) -> Path:
    """A built study that the image's account may write, with the check beside it."""
    study = write_study(folder).parent
    (study / "health.py").write_text(HEALTH, encoding="utf-8")
    subprocess.run(["chown", "-R", "1000", str(study)], check=True)
    return study


def test_the_image_serves_a_study_and_says_that_it_is_healthy(
    container: tuple[Path, str], tmp_path: Path
) -> None:
    """The server answers the check that is in the Dockerfile."""
    store, name = container
    study, port = study_for_account(tmp_path), free_port()
    script = (
        f"mixtrial serve /study/study.yaml --port {port} & "
        f"python /study/health.py {port}; kill $!; wait"
    )
    run = ["run", "--isolation=chroot", f"--volume={study}:/study", name, "--", "sh", "-c"]
    assert "healthy" in buildah(store, *run, script).splitlines()


@needs_postgresql
def test_the_replicas_and_the_backup_of_compose_share_one_database(
    container: tuple[Path, str], tmp_path: Path
) -> None:
    """Compose's services with its settings, the command of its backup among them.

    Without a daemon there is no network of names: the database and both replicas lie on loopback.
    """
    store, name = container
    study, ports = study_for_account(tmp_path), (free_port(), free_port())
    backup = tmp_path / "backup"
    backup.mkdir()
    os.chown(backup, 1000, 1000)
    services = yaml.safe_load((places.ROOT / "docs/deploy/compose.yaml").read_text())["services"]
    once = services["backup"]["entrypoint"][-1].removeprefix("while :; do ").partition(";")[0]
    first, second = (f"mixtrial serve /study/study.yaml --port {port} &" for port in ports)
    script = (
        f"{first} first=$!; {second} second=$!; python /study/health.py {ports[0]} {ports[1]}; "
        f"{once}; kill $first $second; wait"
    )
    values = {
        "MIXTRIAL_ADMIN_PASSWORD_HASH": hash_password("a long password"),
        "MIXTRIAL_SECRET": "s" * 40,
        "FORWARDED_ALLOW_IPS": "*",
    }
    run = ["run", "--isolation=chroot", f"--volume={study}:/study:ro", f"--volume={backup}:/backup"]
    with postgresql_server() as database:
        values["MIXTRIAL_DATABASE_URL"] = database.new_database()
        settings = [f"--env={key}={value}" for key, value in values.items()]
        said = buildah(store, *run, *settings, name, "--", "sh", "-c", script)
    assert values.keys() <= services["first"]["environment"].keys()
    assert said.splitlines().count("healthy") == 2
    assert list(backup.iterdir()) != []


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="needs docker-compose")
def test_compose_takes_its_file(tmp_path: Path) -> None:
    """`docker-compose config`, which asks no daemon: the five services, every setting filled."""
    names = ("DATABASE_PASSWORD", "MIXTRIAL_ADMIN_PASSWORD_HASH", "MIXTRIAL_SECRET")
    done = subprocess.run(
        ["docker-compose", "-f", str(places.ROOT / "docs/deploy/compose.yaml"), "config"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **dict.fromkeys(names, "given")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    services = yaml.safe_load(done.stdout)["services"]
    assert set(services) == {"database", "first", "second", "backup", "web"}
    url = services["second"]["environment"]["MIXTRIAL_DATABASE_URL"]
    assert url == "postgresql+psycopg://mixtrial:given@database/mixtrial"
