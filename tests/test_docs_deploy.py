"""The files of docs/deploy are taken by the programs that they are for, and name what exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from browser_study import write_study
from nginx_server import DEPLOY, configuration, needs_nginx
from postgresql_server import program
from route_server import free_port, serving

ROOT = DEPLOY.parents[1]
PROGRAM = "/srv/mixtrial/app/.venv/bin/mixtrial"


@needs_nginx
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs Debian's package openssl")
@pytest.mark.parametrize("name", ["nginx.conf", "nginx-compose.conf"])
def test_nginx_takes_its_configuration(tmp_path: Path, name: str) -> None:
    """``nginx -t`` finds nothing wrong; only the certificate and the replicas' names are ours."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", "privkey.pem", "-out", "fullchain.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / name).read_text()
    site = re.sub(r"/etc/letsencrypt/live/listening\.example\.org", str(tmp_path), site)
    site = site.replace("/var/log/nginx", str(tmp_path))
    site = site.replace("server first:", "server 127.0.0.1:").replace("second:", "127.0.0.2:")
    path = configuration(tmp_path, site)
    nginx = program("nginx")
    assert nginx is not None
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """``systemd-analyze verify`` is silent once the program is one that exists here."""
    for unit in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
        text = unit.read_text()
        assert unit.suffix == ".timer" or PROGRAM in text
        (tmp_path / unit.name).write_text(text.replace(PROGRAM, "/bin/true"))
    units = sorted(str(path) for path in tmp_path.iterdir())
    assert len(units) == 3
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", ["mixtrial@.service", "mixtrial-backup.service"])
def test_a_unit_exposes_little_and_writes_for_its_account_alone(tmp_path: Path, name: str) -> None:
    """The score of exposure is 3 at most; files get mode 0600, folders 0700."""
    text = (DEPLOY / name).read_text()
    assert "\nUMask=0077\n" in text
    unit = tmp_path / name.replace("@", "@8501")
    unit.write_text(text.replace(PROGRAM, "/bin/true"))
    call = ["systemd-analyze", "security", "--offline=true", "--threshold=30", "--no-pager"]
    done = subprocess.run([*call, str(unit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]
    assert "Overall exposure level" in done.stdout


def test_the_containers_name_files_and_settings_that_exist() -> None:
    """Docker itself is not asked: what the two files refer to is there."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"database", "first", "second", "backup", "web"}
    assert services["first"] == services["second"]
    assert services["backup"]["build"] == services["first"]["build"]
    assert (
        "mixtrial backup /study/study.yaml --into /backup" in services["backup"]["entrypoint"][-1]
    )
    build = services["first"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    dockerfile = ROOT / build["dockerfile"]
    assert dockerfile.is_file()
    (web,) = services["web"]["volumes"]
    assert (DEPLOY / web.partition(":")[0]).is_file()
    assert "server first:8501" in (DEPLOY / "nginx-compose.conf").read_text()
    told = {name for name in services["first"]["environment"] if name.startswith("MIXTRIAL_")}
    known = (ROOT / "platform" / "mixtrial" / "server" / "settings.py").read_text()
    assert [name for name in told if f"``{name}``" not in known] == []
    text = dockerfile.read_text()
    (layers,) = re.findall(r'^ARG LAYERS="(.+)"$', text, re.M)
    for layer in [*layers.split(), "torch"]:
        assert (ROOT / ".ci" / "lock" / f"{layer}.txt").is_file()
    assert text.index("\nUSER mixtrial\n") < text.index("\nENTRYPOINT")


def test_a_container_is_healthy_while_the_server_answers_200(tmp_path: Path) -> None:
    """The replica's check, as it is in compose.yaml: a server that is there, and none."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services["web"]["depends_on"]) == {"first", "second"}
    kind, program, *rest = services["first"]["healthcheck"]["test"]
    assert (kind, program, rest[0]) == ("CMD", "python", "-c")
    port = free_port()

    def health() -> int:
        check = rest[1].replace(":8501", f":{port}")
        done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False)
        return done.returncode

    assert health() != 0
    with serving(write_study(tmp_path), port):
        assert health() == 0


def test_the_environment_file_names_settings_that_exist() -> None:
    """Each variable of the example is one that the server reads."""
    known = (ROOT / "platform" / "mixtrial" / "server" / "settings.py").read_text()
    names = re.findall(r"^(\w+)=", (DEPLOY / "mixtrial.env").read_text(), re.MULTILINE)
    assert len(names) >= 3
    assert [name for name in names if f"``{name}``" not in known] == []
