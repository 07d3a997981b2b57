"""Temporary database of a preview's answers; the database is deleted after half a day.

Pages, saves and sounds of a preview are handled by the same code as in a real study. Only the
database of a preview differs from that of the real study. The database is in the system's temporary
folder. The name of the temporary database depends on a secret of the study's own database, so that
all processes of a server share the temporary database. If a signal ends the server, the temporary
database is kept until the next preview, or the operating system, deletes it.
"""

from __future__ import annotations

import atexit
import hmac
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

from db.store.store import Store, open_store
from mixtrial.server.installation import Installation
from mixtrial.server.session_cookie import SESSION_DURATION_S
from stimuli.loading.load import load_study
from stimuli.study.study import Study
from stimuli.study_keys.recruiting.admission import Admission

FILE = "preview.sqlite"

_LOCK = Lock()
_OPEN: dict[Path, Store] = {}


def preview_of(installation: Installation, language: str | None = None) -> Installation:
    """A copy of the study, made at first use: temporary database, no limits for new participants.

    Raises
    ------
    StudyError
        The study has no texts in this language.
    """
    folder = _folder(installation)
    with _LOCK:
        _throw_away_what_is_old(folder)
        store = _store(folder, installation)
    study = _in_language(installation, language)
    anybody = study.model_copy(update={"admission": Admission()})
    return replace(installation, store=store, study=anybody)


def _in_language(installation: Installation, language: str | None) -> Study:
    study = installation.study
    if language is None or language == study.language:
        return study
    return load_study(installation.settings.study_path, language=language)


def open_preview(installation: Installation, language: str | None = None) -> Installation | None:
    """The preview of a study, if it exists, for routes that know only a token."""
    if not (_folder(installation) / FILE).is_file():
        return None
    preview = preview_of(installation, language)
    return None if preview.store is installation.store else preview


def _store(folder: Path, installation: Installation) -> Store:
    is_there = (folder / FILE).is_file()
    if folder in _OPEN and is_there:
        return _OPEN[folder]
    if folder in _OPEN:
        _OPEN.pop(folder).close()
    if not is_there:
        folder.mkdir(mode=0o700, exist_ok=True)
        atexit.register(_throw_away, folder)
    store, study = open_store(f"sqlite:///{(folder / FILE).as_posix()}"), installation.study
    store.register_study(study.identifier, study.title, study.fingerprint, study.seed)
    _OPEN[folder] = store
    return store


def _folder(installation: Installation) -> Path:
    key = f"preview.{installation.study.identifier}".encode()
    digest = hmac.digest(installation.blinding_key, key, "sha256")[:12].hex()
    return Path(tempfile.gettempdir()) / f"mixtrial-preview-{digest}"


def _throw_away_what_is_old(folder: Path) -> None:
    """Delete the preview if nobody has used it for the time after which a sign-in expires."""
    with suppress(OSError):
        if time.time() - (folder / FILE).stat().st_mtime > SESSION_DURATION_S:
            _throw_away(folder)


def _throw_away(folder: Path) -> None:
    if folder in _OPEN:
        _OPEN.pop(folder).close()
    shutil.rmtree(folder, ignore_errors=True)
