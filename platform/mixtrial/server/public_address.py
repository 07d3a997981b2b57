"""Public address of this server: the path before its pages, and its host names.

The path and the host names come from environment variables (:mod:`mixtrial.server.settings` lists
them), and apply before a study is open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mixtrial.server.settings import SettingsError

BASE_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """Path before all pages, and accepted host names.

    ``base_path`` is empty, or begins with a slash and ends without one. If ``hosts`` is empty,
    every host name is accepted.
    """

    base_path: str = ""
    hosts: frozenset[str] = frozenset()

    def outer(self, path: str) -> str:
        """Public path for a path of our routes."""
        return self.base_path + path

    def inner(self, path: str) -> str | None:
        """Path of our routes for a public path; None for other paths."""
        if path == self.base_path:
            return "/"
        return path.removeprefix(self.base_path) if path.startswith(self.outer("/")) else None

    def answers_to(self, host: str) -> bool:
        """Whether this server answers requests for this ``Host``."""
        return not self.hosts or _name(host) in self.hosts


def public_address_of(environment: Mapping[str, str]) -> PublicAddress:
    """Read the address; raise ``SettingsError`` if it is invalid."""
    base_path = environment.get("MIXTRIAL_BASE_PATH", "").strip().rstrip("/")
    if not BASE_PATH.fullmatch(base_path):
        raise SettingsError(
            "The base path must begin with a slash and have only letters, digits and . _ ~ - in "
            "it, such as /study1."
        )
    told = environment.get("MIXTRIAL_HOSTS", "")
    hosts = frozenset(each.strip().lower() for each in told.split(",") if each.strip())
    for host in sorted(hosts):
        if not HOST.fullmatch(host):
            raise SettingsError(
                "MIXTRIAL_HOSTS must list host names with commas, without https:// and port, not "
                f"{host!r}."
            )
    return PublicAddress(base_path, hosts)


@cache
def public_address() -> PublicAddress:
    """Return the address from the environment variables, read once per process."""
    return public_address_of(os.environ)


def _name(host: str) -> str:
    """The name in a ``Host`` header, without its port."""
    name = host.lower()
    return f"{name.partition(']')[0]}]" if name.startswith("[") else name.partition(":")[0]
