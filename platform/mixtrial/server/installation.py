"""Everything that one process serves: a study, its stimuli, and its database. Loaded once."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

import pandas as pd

from db.known_databases import KnownDatabases
from db.records.errors import StoreError
from db.store.store import Store, open_store
from mixtrial.server.language import check_own_texts
from mixtrial.server.settings import (
    ServerSettings,
    SettingsError,
    check_database_is_there,
    rehearsal_database_url,
    settings_for_study,
    settings_from_environment,
)
from stimuli.loading.load import load_study
from stimuli.study.manifest import MANIFEST_NAME, Manifest, read_manifest
from stimuli.study.study import Study, StudyError

_LOADING = Lock()

FileStamp = tuple[int, int, int]


def file_stamp(path: Path) -> FileStamp | None:
    """Stamp that changes whenever a file is written; None if the file cannot be accessed."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(frozen=True, slots=True)
class Installation:
    """A study with its files and its database; ``manifest`` is None while the study is not built.

    Everything generated with ``blinding_key`` is the same in all processes, after each restart, and
    in any environment: the letters that stand for hidden systems, and the tags of audio files.
    ``study_stamp`` is the stamp of the study file when it was read.
    """

    study: Study
    manifest: Manifest | None
    store: Store
    settings: ServerSettings
    blinding_key: bytes = field(repr=False)
    shared_sessions: Store | None = None
    study_stamp: FileStamp | None = None

    @property
    def sessions(self) -> Store:
        """The store of signed-in sessions: the store of the study, or the store of a studio."""
        return self.shared_sessions or self.store

    def stimulus_sha256(self, song: str, system: str) -> str | None:
        """Checksum of a stimulus's file; None if the stimulus is not built."""
        if self.manifest is None:
            return None
        try:
            return self.manifest.stimulus(song, system).sha256
        except StudyError:
            return None

    def excerpt_s(self, song: str) -> float | None:
        """Length of the stimuli of a song, in seconds; None if the stimuli are not built."""
        stimuli = () if self.manifest is None else self.manifest.stimuli
        return max((each.duration_s for each in stimuli if each.song == song), default=None)

    def note_look(self, kind: str, *answers: pd.DataFrame, is_blind: bool) -> None:
        """Log that a researcher looks at answers, with the number of real participants.

        Views of simulated answers are not logged, because simulated answers reveal nothing about
        the study.

        Parameters
        ----------
        kind
            One of :data:`analysis.report.sections.looks.LOOK_WORDS`.
        answers
            Tables of ratings or trials, with the columns participant and participant_kind.
        is_blind
            Whether the systems are shown as letters.
        """
        listeners: set[str] = set()
        for table in answers:
            is_real = table["participant_kind"] != "simulated"
            listeners.update(table.loc[is_real, "participant"].unique())
        if listeners:
            self.store.note_look(self.study.identifier, kind, len(listeners), is_blind)


def load_installation(settings: ServerSettings) -> Installation:
    """Open a study, its database, and its stimuli if built; register the study in the database.

    Raises
    ------
    StudyError
        The study file, or the manifest of its build, cannot be used.
    StoreError
        The database cannot be opened, or has lost a study that it held before.
    """
    stamp = file_stamp(settings.study_path)
    study = load_study(settings.study_path)
    check_own_texts(study)
    known = KnownDatabases(settings.study_path)
    is_rehearsal = settings.database_url == rehearsal_database_url(settings.study_path)
    known.check_file(settings.database_url)
    built = (settings.stimuli_folder / MANIFEST_NAME).is_file()
    manifest = read_manifest(settings.stimuli_folder) if built else None
    store = open_store(settings.database_url)
    try:
        known.check_holds(study.identifier, store.place, store.holds_study(study.identifier))
    except StoreError:
        store.close()
        raise
    store.register_study(study.identifier, study.title, study.fingerprint, study.seed)
    if not is_rehearsal:  # the database of a rehearsal can be deleted and made again
        known.note(study.identifier, store.place)
    shared = None if settings.sessions_url is None else open_store(settings.sessions_url)
    return Installation(study, manifest, store, settings, store.blinding_key(), shared, stamp)


def existing_installation(
    study: Path, stimuli: Path | None = None, database_url: str | None = None
) -> Installation:
    """A study with an existing database; a command that only reads must not create a database."""
    load_study(study)  # a misspelt study file must not be reported as a missing database
    settings = settings_for_study(study, stimuli, database_url)
    KnownDatabases(study).check_file(settings.database_url)
    check_database_is_there(settings.database_url)
    return load_installation(settings)


@cache
def _loaded() -> Installation:
    installation = load_installation(settings_from_environment(os.environ))
    installation.store.watch_saving()
    _LOGGED.clear()
    return installation


def current_installation() -> Installation:
    """Return the installation that environment variables describe, loaded once per process.

    Requests that arrive while the study is being loaded wait for the end of the loading. A database
    has only one writer. A second store for the same database would have a second queue of writes.
    """
    with _LOADING:
        return _loaded()


def loaded_installation() -> Installation | None:
    """Return the loaded installation without waiting; None if no request has needed it yet."""
    return _loaded() if _loaded.cache_info().currsize else None


OPENING_ERRORS = (SettingsError, StudyError, StoreError)
"""Errors of opening a study: bad settings, an unreadable study file, no database."""


logger = logging.getLogger(__name__)

_LOGGED: set[str] = set()


def log_unavailable(error: Exception) -> None:
    """Log why the study cannot be opened; this is logged only once for all requests."""
    if str(error) not in _LOGGED:
        _LOGGED.add(str(error))
        logger.error("the study cannot be opened: %s", error)
