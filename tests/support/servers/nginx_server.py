"""Debian's nginx on loopback with the configuration of docs/deploy, its places changed only."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import places
from postgresql_server import program, wait_for
from route_server import free_port

DEPLOY = places.ROOT / "docs" / "deploy"
LOG = "/var/log/nginx/mixtrial.log"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

needs_nginx = pytest.mark.skipif(program("nginx") is None, reason="needs Debian's package nginx")


def configuration(folder: Path, site: str) -> Path:
    """Write a whole configuration around the one site, which nginx runs without being root."""
    places = "\n".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ access_log off;\n{places}\n{site}\n}}\n"
    )
    return path


def site_in(folder: Path, ports: Sequence[int], port: int, base_path: str = "") -> str:
    """The site of docs/deploy/nginx.conf on loopback, without TLS, before servers on ``ports``.

    A base path is put before the path of each location, as docs/deploy.md says.
    """
    site = re.sub(
        r"(location (?:= |~ \^)?)/", rf"\1{base_path}/", (DEPLOY / "nginx.conf").read_text()
    )
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        LOG: f"{folder}/access.log",
        "127.0.0.1:8501": f"127.0.0.1:{ports[0]}",
        "127.0.0.1:8502": f"127.0.0.1:{ports[1]}",
    }
    for old, new in changes.items():
        assert site.count(old) == 1, old
        site = site.replace(old, new)
    return "\n".join(line for line in site.splitlines() if "ssl_certificate" not in line)


@contextlib.contextmanager
def nginx(ports: Sequence[int], base_path: str = "") -> Iterator[tuple[int, Path]]:
    """Run nginx before two servers; yields its port and the file of its log."""
    found, port = program("nginx"), free_port()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="mixtrial-nginx-"))
    folder.chmod(0o755)
    path = configuration(folder, site_in(folder, ports, port, base_path))
    call = [found, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(path)]
    process = subprocess.Popen(call)
    try:
        wait_for(port, "nginx")
        yield port, folder / "access.log"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
