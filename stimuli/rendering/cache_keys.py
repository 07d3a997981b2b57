"""What a mix is made from, as one hash: the reason to make it again, or not.

Conventions
-----------
A key is the SHA-256 (hex) of canonical JSON: the bytes of the audio files, the excerpt, system,
profile, seed and bit depth, and the code and weights of ``mixing`` itself. Texts, attributes and
pages of a study are no part of it: they change nothing that is heard.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import mixing
from mixing.profiles import profile_named
from stimuli.page_types.base import CUTOFF_HZ, REFERENCE
from stimuli.rendering.anchors import ANCHOR_VERSION
from stimuli.rendering.mix_audio import MixJob
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.keys import StudySong

RENDER_VERSION = 2
"""Raised when stimuli must be made again although nothing in ``mixing`` changed."""

FILE_VERSION = 1
"""Raised when finished files must be read again, as another reader would read them."""

_CODE_AND_WEIGHTS = {".py", ".json", ".safetensors"}


def mix_jobs(study: Study, song: StudySong) -> tuple[MixJob, ...]:
    """Return the stimuli of one song, each with its key: one a system, then what the build makes.

    Raises
    ------
    StudyError
        A file of the song cannot be read.
    """
    made = study.made_names(song.name)
    names = [*study.systems, *(name for name in made if name not in CUTOFF_HZ)]
    files = dict(song.files)
    if song.vocal is None and song.reference is not None:  # no stems that it could be held against
        files[REFERENCE] = song.reference
    finished = {"human": song.human, REFERENCE: song.reference}
    paths = {song.measure_file, song.vocal, song.backing}
    paths |= {files.get(name) or finished.get(name) for name in names}
    hashes = {path: file_sha256(path) for path in paths if path}
    jobs = {
        name: _file_job(study, song, name, files[name], hashes)
        if name in files
        else _mix_job(study, song, name, finished.get(name), hashes)
        for name in names
    }
    reference = reference_name(study)
    if reference is not None:
        for name in CUTOFF_HZ:
            if name in made:
                jobs[name] = _anchor_job(jobs[reference], name)
    return tuple(replace(job, n_files=study.n_files(song.name, name)) for name, job in jobs.items())


def reference_name(study: Study) -> str | None:
    """Name of the reference that anchors are made from; None where no part has one."""
    for part in study.page_parts:
        for name in part.options.fixed():
            return name
    return None


def _mix_job(
    study: Study,
    song: StudySong,
    system: str,
    finished: Path | None,
    hashes: Mapping[Path, str],
) -> MixJob:
    """Mix of a song by a system, or a stimulus made from the song's files; their hashes too."""
    # Each song has draws of its own: one seed for all would give all songs the same random mix.
    draw = hashlib.sha256(f"{study.seed}\0{song.name}".encode()).digest()
    seed = int.from_bytes(draw[:4], "big") >> 1
    content = {
        "version": [RENDER_VERSION, _mixing_version()],
        "song": song.name,
        "system": system,
        "files": [hashes[path] for path in (song.vocal, song.backing, finished) if path],
        "excerpt": song.excerpt.model_dump() if song.excerpt else None,
        "profile": asdict(profile_named(study.profile)),
        "seed": seed,
        "bit_depth": study.bit_depth,
    }
    return MixJob(
        key=_key(content), song=song.name, system=system, vocal=song.vocal, backing=song.backing,
        human=finished, measure=song.measure_file, excerpt=song.excerpt, profile=study.profile,
        seed=seed, bit_depth=study.bit_depth,
    )  # fmt: skip


def _file_job(
    study: Study, song: StudySong, system: str, file: Path, hashes: Mapping[Path, str]
) -> MixJob:
    """Stimulus that is a finished file: the code of mixing is no part of its key."""
    content = {
        "version": [RENDER_VERSION, FILE_VERSION],
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
    """Anchor under the mix that is its reference."""
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
    """Whether a file is there with the content that its hash tells of."""
    return path.is_file() and file_sha256(path) == sha256


def file_sha256(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes; raise ``StudyError`` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StudyError(f"{path} cannot be read: {error.strerror}") from None


@lru_cache(maxsize=1)
def _mixing_version() -> str:
    """Hash of the mixing code and its networks' weights: a mended effect makes mixes anew."""
    root = Path(mixing.__path__[0])
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in _CODE_AND_WEIGHTS):
        digest.update(f"{path.relative_to(root).as_posix()}\0{file_sha256(path)}\0".encode())
    return digest.hexdigest()
