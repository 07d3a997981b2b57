"""The studio of this process: its folder, its key, and its running servers and builds.

All settings of the studio come from environment variables, which ``mixtrial studio`` has set.
``MIXTRIAL_STUDIO`` is the folder of studies. ``MIXTRIAL_STUDIO_ADDRESS`` is the address that a
second studio on the same folder prints. The password of the studio is set as described in
:mod:`mixtrial.server.settings`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

from db.store.store import Store, open_store
from mixtrial.server.settings import SettingsError, admin_password_hash, signing_key
from mixtrial.studies.folder_lock import STUDIO_FOLDER, FolderLock
from mixtrial.studio.children.builds import Builds
from mixtrial.studio.children.study_servers import StudyServers

_OPENING = Lock()


@dataclass(frozen=True, slots=True)
class StudioKey:
    """Key for signing in to the studio."""

    admin_password_hash: str | None = field(repr=False)
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Studio:
    """A served folder of studies; each process has only one."""

    folder: Path
    settings: StudioKey
    sessions: Store
    lock: FolderLock
    servers: StudyServers
    builds: Builds

    def close(self) -> None:
        """End all started processes, and release the folder."""
        self.builds.cancel_all()
        self.servers.stop_all()
        self.sessions.close()
        self.lock.release()


def current_studio() -> Studio:
    """Return the studio that the environment describes, opened once per process.

    Raises
    ------
    SettingsError
        Another studio uses the folder, or the password's hash is not valid.
    StoreError
        The database of sessions cannot be opened.
    """
    with _OPENING:
        return _opened()


@cache
def _opened() -> Studio:
    given = {key: value for key, value in os.environ.items() if value}
    if "MIXTRIAL_STUDIO" not in given:
        raise SettingsError("MIXTRIAL_STUDIO must name the folder of studies to serve.")
    folder = Path(given["MIXTRIAL_STUDIO"])
    lock = FolderLock(folder, given.get("MIXTRIAL_STUDIO_ADDRESS", "an unknown address"))
    url = f"sqlite:///{(folder / STUDIO_FOLDER / 'sessions.sqlite').as_posix()}"
    told = given.get("MIXTRIAL_SECRET") or signing_key(given, url).hex()
    shared = {"MIXTRIAL_SESSIONS_URL": url, "MIXTRIAL_SECRET": told}
    key = StudioKey(admin_password_hash(given), signing_key(shared, url))
    environment = {**os.environ, **shared}
    return Studio(
        folder, key, open_store(url), lock, StudyServers(environment), Builds(environment)
    )
