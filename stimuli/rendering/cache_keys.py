"""Hash of everything that a mix depends on; if the hash changes, the mix is made again.

Conventions
-----------
A key is the SHA-256 (hex) of canonical JSON: the bytes of the audio files, the excerpt, system,
profile, seed and bit depth, and the code and weights of ``mixing`` itself. The texts, attributes
and pages of a study are not part of the hash, because they do not change any sound.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import mixing
from mixing.decisions import WHOLE, Amounts
from mixing.profiles import profile_named
from mixing.systems.registry import plugin_code
from stimuli.page_types.base import CUTOFF_HZ, REFERENCE
from stimuli.rendering.anchors import ANCHOR_VERSION
from stimuli.rendering.commands import SongCommand, named_files
from stimuli.rendering.mix_audio import MixJob
from stimuli.study.study import Study, StudyError
from stimuli.study.study_system import DEFAULT_TIMEOUT_S, StudySystem
from stimuli.study_keys.keys import StudySong

RENDER_VERSION = 2
"""Raised when stimuli must be made again although nothing in ``mixing`` changed."""

COMMAND_VERSION = 1
"""Raised when commands must run again, because they are given something else to read."""

_CODE_AND_WEIGHTS = {".py", ".json", ".safetensors"}


def mix_jobs(study: Study, song: StudySong) -> tuple[MixJob, ...]:
    """Return a song's stimuli with their keys: the systems, then the stimuli that the build makes.

    Raises
    ------
    StudyError
        A file of the song cannot be read.
    """
    made = study.made_names(song.name)
    names = [*study.systems_of(song), *(name for name in made if name not in CUTOFF_HZ)]
    files = dict(song.files)
    # A song without a vocal has no stems with which the reference could be compared.
    if song.vocal is None and song.reference is not None:
        files[REFERENCE] = song.reference
    entries = {system.name: system for system in study.systems}
    paths = {song.measure_file, song.vocal, song.backing, song.human, song.reference}
    paths |= {files.get(name) for name in names}
    hashes = {path: file_sha256(path) for path in paths if path}
    jobs = {}
    for name in names:
        entry = entries.get(name)
        if name in files:
            jobs[name] = _file_job(study, song, name, files[name], hashes)
        elif entry is not None and entry.command is not None:
            jobs[name] = _command_job(study, song, entry, hashes)
        else:
            jobs[name] = _mix_job(study, song, name, entry, hashes)
    reference = reference_name(study)
    if reference is not None:
        for name in CUTOFF_HZ:
            if name in made:
                jobs[name] = _anchor_job(jobs[reference], name)
    return tuple(replace(job, n_files=study.n_files(song.name, name)) for name, job in jobs.items())


def reference_name(study: Study) -> str | None:
    """Name of the reference that is low-passed to make the anchors; None without anchors."""
    for part in study.page_parts:
        for name in part.options.fixed():
            return name
    return None


def _mix_job(
    study: Study,
    song: StudySong,
    name: str,
    entry: StudySystem | None,
    hashes: Mapping[Path, str],
) -> MixJob:
    """Job that makes a stimulus of a song: a system's mix, or a stimulus from hashed files."""
    mixed_by = (entry and entry.mixed_by) or ("human" if name == REFERENCE else name)
    finished = song.reference if name == REFERENCE else song.human if mixed_by == "human" else None
    towards = entry.reference_of(song.name) if entry else None
    weights = entry.weights if entry else None
    # Each song has its own random seed; with a common seed, all songs would get the same random
    # mix. A system that is based on another system, but has its own name, also has its own seed.
    is_renamed = mixed_by != name != REFERENCE
    drawn_for = f"{study.seed}\0{song.name}" + (f"\0{name}" if is_renamed else "")
    seed = int.from_bytes(hashlib.sha256(drawn_for.encode()).digest()[:4], "big") >> 1
    content: dict[str, Any] = {
        "version": [RENDER_VERSION, _code_version()],
        "song": song.name,
        "system": name,
        "files": [hashes[path] for path in (song.vocal, song.backing, finished) if path],
        "excerpt": song.excerpt.model_dump() if song.excerpt else None,
        "profile": asdict(profile_named(study.profile)),
        "seed": seed,
        "bit_depth": study.bit_depth,
    }
    if is_renamed:
        content["mixed_by"] = mixed_by
    if brought := plugin_code(mixed_by):
        content["plugin"] = _folder_sha256(brought, _CODE_AND_WEIGHTS)
    if weights is not None:
        content["weights"] = _folder_sha256(weights)
    if entry is not None and entry.amount is not None:
        content["amount"] = entry.amount.model_dump()
    if entry is not None and entry.level is not None:
        content["level"] = entry.level
    if towards is not None:
        content["reference"] = file_sha256(towards)
    return MixJob(
        key=_key(content), song=song.name, system=name, vocal=song.vocal, backing=song.backing,
        human=finished or towards, measure=song.measure_file, excerpt=song.excerpt,
        profile=study.profile, seed=seed, bit_depth=study.bit_depth, mixed_by=mixed_by,
        weights=weights, amounts=_amounts(entry), level=entry.level if entry else None,
    )  # fmt: skip


def _amounts(entry: StudySystem | None) -> Amounts:
    """How much of each mixing stage a system applies, as a share."""
    given = entry.amount if entry else None
    return WHOLE if given is None else Amounts(**given.model_dump())


def _command_job(
    study: Study, song: StudySong, entry: StudySystem, hashes: Mapping[Path, str]
) -> MixJob:
    """Job for a stimulus from a command; excerpt and bit depth do not change the command's key."""
    line = str(entry.command)
    inputs = tuple((key, getattr(song, key)) for key in entry.command_inputs)
    content = {
        "version": COMMAND_VERSION,
        "command": line,
        "inputs": {key: hashes[path] for key, path in inputs},
        "named": [file_sha256(path) for path in named_files(line, study.folder)],
    }
    timeout_s = entry.timeout_s or DEFAULT_TIMEOUT_S
    command = SongCommand(_key(content), line, study.folder, inputs, timeout_s)
    made = _file_job(study, song, entry.name, song.measure_file, hashes)
    key = _key({"made_from": made.key, "command": command.key})
    return replace(made, key=key, file=None, command=command)


def _file_job(
    study: Study, song: StudySong, system: str, file: Path, hashes: Mapping[Path, str]
) -> MixJob:
    """Job for a finished file; of all code, its key contains only the code that reads files."""
    content = {
        "version": [RENDER_VERSION, _code_version("ingest")],
        "song": song.name,
        "system": system,
        "files": [hashes[file], hashes[song.measure_file]],
        "excerpt": song.excerpt.model_dump() if song.excerpt else None,
        "bit_depth": study.bit_depth,
    }
    return MixJob(
        key=_key(content), song=song.name, system=system, vocal=song.vocal, backing=song.backing,
        human=None, measure=song.measure_file, excerpt=song.excerpt, profile=study.profile,
        seed=study.seed, bit_depth=study.bit_depth, file=file,
    )  # fmt: skip


def _anchor_job(reference: MixJob, name: str) -> MixJob:
    """Job for an anchor that is made from a mix."""
    content = {
        "made_from": reference.key,
        "anchor": name,
        "version": ANCHOR_VERSION,
        "cutoff_hz": CUTOFF_HZ[name],
    }
    return replace(reference, key=_key(content), system=name, made_from=reference)


def _key(content: dict[str, Any]) -> str:
    """SHA-256 (hex) of canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_intact(path: Path, sha256: str) -> bool:
    """Whether a file exists and its content has the expected hash."""
    return path.is_file() and file_sha256(path) == sha256


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes; raise ``StudyError`` if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror}.") from None


@lru_cache
def _code_version(room: str = "") -> str:
    """Hash of the code and weights of ``mixing``, or of one folder of ``mixing``.

    If the hash of the code changes, mixes are made again.
    """
    return _folder_sha256(Path(mixing.__path__[0]) / room, _CODE_AND_WEIGHTS)


def _folder_sha256(root: Path, suffixes: Collection[str] = ()) -> str:
    """Hash of the names and contents of a folder's files, or only of files with ``suffixes``."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")) if root.is_dir() else (root,):
        if path.is_file() and (path.suffix in suffixes or not suffixes):
            digest.update(f"{path.relative_to(root).as_posix()}\0{file_sha256(path)}\0".encode())
    return digest.hexdigest()
