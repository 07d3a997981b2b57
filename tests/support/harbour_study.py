"""A small study with made-up stimuli, as the tests of the archive, routes and dashboard need it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pedalboard.io import AudioFile

from db.store.store import open_store
from mixtrial.server.installation import Installation
from mixtrial.server.passwords import hash_password
from mixtrial.server.settings import settings_for_study
from stimuli.loading.load import load_study
from stimuli.rendering.blind_flac import alike
from stimuli.study.manifest import Stimulus, read_manifest, write_manifest

SYSTEMS = ("baseline", "cnn", "human", "random")
PASSWORD = "correct harbour battery"
SAMPLE_RATE = 44_100
N_COPIES = 9  # of which a build would write files of their own


def write_study(folder: Path, n_songs: int = 3, systems: Sequence[str] = SYSTEMS) -> Path:
    """Write a study file, with songs that are files but hold no music; nothing is built."""
    (folder / "hand.json").write_text("{}", encoding="utf-8")
    lines = ["title: Harbour Lights", "seed: 7", f"systems: [{', '.join(systems)}]", "songs:"]
    for number in range(n_songs):
        (folder / f"song{number}.flac").write_bytes(b"")
        lines += [
            f"  - name: song{number}",
            f"    vocal: song{number}.flac",
            f"    backing: song{number}.flac",
            "    human: hand.json",
        ]
    path = folder / "study.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def build_stimuli(folder: Path, n_songs: int = 3) -> None:
    """Write what a build writes: noise of another level for each system, of equal file length."""
    random = np.random.default_rng(3)
    (folder / "build" / "audio").mkdir(parents=True)
    stimuli = []
    for number in range(n_songs):
        noise = random.normal(0.0, 0.1, (2, SAMPLE_RATE // 2)).astype(np.float32)
        files = [flac_bytes(noise * gain) for gain in (1.0, 0.3, 0.05, 0.01)]
        for system, served in zip(SYSTEMS, alike(files, range(len(files))), strict=True):
            sha256 = hashlib.sha256(served).hexdigest()
            name = f"audio/{sha256[:16]}.flac"
            (folder / "build" / name).write_bytes(served)
            stimuli.append(_stimulus(f"song{number}", system, name, sha256))
    write_manifest(folder / "build", stimuli)


def flac_bytes(audio: np.ndarray) -> bytes:
    """Return a 16-bit FLAC file of ``audio`` (2, n_samples)."""
    file = io.BytesIO()
    with AudioFile(
        file, "w", samplerate=SAMPLE_RATE, num_channels=2, format="flac", bit_depth=16
    ) as writer:
        writer.write(audio.astype(np.float32))
    return file.getvalue()


def _stimulus(song: str, system: str, file: str, sha256: str) -> Stimulus:
    return Stimulus(
        song=song,
        system=system,
        file=file,
        sha256=sha256,
        integrated_lufs=-23.0,
        true_peak_dbtp=-3.0,
        lra_lu=8.0,
        duration_s=0.5,
        sample_rate=SAMPLE_RATE,
        gain_db=0.0,
        page_target_lufs=-23.0,
        mix_integrated_lufs=-23.0,
        mix_true_peak_dbtp=-3.0,
        profile="corrected",
        seed=1,
        key="0" * 64,
        parameters="{}",
        copies=" ".join([file] * N_COPIES),
    )


@functools.cache
def _password_hash() -> str:
    """Made once: to be slow is what it is for."""
    return hash_password(PASSWORD)


def open_installation(study_path: Path) -> Installation:
    """Open the study with its stimuli (where built) and a new archive beside it."""
    study = load_study(study_path, SYSTEMS)
    settings = dataclasses.replace(
        settings_for_study(study_path),
        admin_password_hash=_password_hash(),
        secret=b"harbour" * 5,
    )
    built = (settings.stimuli_folder / "manifest.csv").is_file()
    store = open_store(settings.database_url)
    store.register_study(study.identifier, study.title, study.fingerprint, study.seed)
    manifest = read_manifest(settings.stimuli_folder) if built else None
    return Installation(study, manifest, store, settings, store.blinding_key())
