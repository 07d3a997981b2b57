"""One page: the work a rendering process does, from waiting mixes to finished files.

Conventions
-----------
The mixes of a song wait in the work folder (:mod:`stimuli.rendering.mix_audio`); a page brings them
to one loudness and one file size, and gives them names that tell nothing. Results are files and
records that travel back.

Contents, in reading order: the job, ``page_target_lufs`` (how loud a page may be), ``finish_page``
(waiting mixes to equally loud, equally large files without a tell-tale name).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixing.audio import Audio, read_audio, write_flac, written_whole
from mixing.effects.level import TRUE_PEAK_CEILING_DBTP, apply_gain
from mixing.meters.loudness import measure
from stimuli.rendering.flac_size import common_size, padded_to, without_tags
from stimuli.rendering.mix_audio import WORK_FOLDER, MixJob, render_mix, waiting_facts
from stimuli.study.manifest import Stimulus
from stimuli.study.study import StudyError

AUDIO_FOLDER = "audio"

PEAK_MARGIN_DB = 0.05
"""Room below the ceiling for what true-peak meters differ by."""

TOLERANCE_LU = 0.1
"""Stimuli of a page are equally loud within this."""


@dataclass(frozen=True, slots=True)
class PageJob:
    """The mixes of one song, and those of an earlier build that may be used again.

    ``kept`` holds, by key, stimuli whose files are there and unchanged. ``name_key`` is the
    secret that file names are drawn with.
    """

    song: str
    mixes: tuple[MixJob, ...]
    kept: dict[str, Stimulus]
    target_lufs: float
    name_key: bytes


def dithered(audio: Audio, seed: int) -> Audio:
    """Return ``audio`` rounded to 16 bits with triangular dither of ±1 step (TPDF).

    Rounding alone distorts quiet passages; dither turns the distortion into steady, very soft
    noise (−96 dBFS). Values stand in the middle of their step, for the encoder rounds down.
    """
    rng = np.random.default_rng(seed)
    dither = rng.random(audio.shape, np.float32) - rng.random(audio.shape, np.float32)
    steps = np.clip(np.rint(audio * 32_768 + dither), -32_768, 32_767)
    return np.asarray((steps + 0.5) / 32_768, dtype=np.float32)


def page_target_lufs(levels: list[tuple[float, float]], target_lufs: float) -> float:
    """Loudness that every mix of a page can be brought to by gain alone.

    Parameters
    ----------
    levels
        Integrated loudness (LUFS) and true peak (dBTP) of each mix.
    target_lufs
        Loudness wished for.

    Returns
    -------
    float
        min(target, −1 − max(TP − I)), in LUFS, with a margin of 0.05 dB below −1 dBTP.
    """
    highest = max(true_peak - integrated for integrated, true_peak in levels)
    return min(target_lufs, TRUE_PEAK_CEILING_DBTP - PEAK_MARGIN_DB - highest)


def finish_page(page: PageJob, folder: Path) -> tuple[Stimulus, ...]:
    """Bring the mixes of a page to one loudness and one file size, and name them blindly.

    Returns
    -------
    tuple
        One stimulus a mix, in the order of the page. Their files lie in the audio folder.

    Raises
    ------
    StudyError
        The mixes differ in length, sample rate or channels, or one misses the page's loudness.
    """
    facts = {}
    for job in page.mixes:
        if job.key not in page.kept:
            render_mix(job, folder)  # an anchor; all others wait there already
            facts[job.key] = waiting_facts(job, folder)
    kept = [page.kept[job.key] for job in page.mixes if job.key in page.kept]
    levels = [(f["integrated_lufs"], f["true_peak_dbtp"]) for f in facts.values()]
    levels += [(old.mix_integrated_lufs, old.mix_true_peak_dbtp) for old in kept]
    target_lufs = page_target_lufs(levels, page.target_lufs)
    finished: list[tuple[Stimulus, bytes]] = []
    for job in page.mixes:
        old = page.kept.get(job.key)
        if old is not None and old.page_target_lufs == target_lufs:
            finished.append((old, without_tags((folder / old.file).read_bytes())))
        else:
            render_mix(job, folder)
            finished.append(_levelled(job, waiting_facts(job, folder), folder, target_lufs))
    _check_alike(page.song, [stimulus for stimulus, _ in finished])
    n_bytes = common_size([len(flac) for _, flac in finished])
    return tuple(
        _placed(stimulus, padded_to(flac, n_bytes), folder, page.name_key)
        for stimulus, flac in finished
    )


OPAQUE_NAME = re.compile(r"[0-9a-f]{32}\.flac")
"""Form of the names that :func:`opaque_name` gives; an old file of that form may be removed."""


def opaque_name(name_key: bytes, song: str, system: str, sha256: str) -> str:
    """Name of a stimulus's file in the build folder: 32 hex digits drawn with a secret.

    Without the key nothing follows from the name; with it the same content has the same name.
    """
    content = "\0".join((song, system, sha256)).encode()
    digest = hashlib.blake2b(content, key=name_key, digest_size=16).hexdigest()
    return f"{AUDIO_FOLDER}/{digest}.flac"


def _levelled(
    job: MixJob, facts: dict[str, Any], folder: Path, target_lufs: float
) -> tuple[Stimulus, bytes]:
    """Stimulus (still without file) and FLAC of a waiting mix at the page's loudness."""
    rate = int(facts["sample_rate"])
    audio = np.load(folder / WORK_FOLDER / f"{job.key}.npy")
    gain_db = target_lufs - float(facts["integrated_lufs"])
    path = folder / WORK_FOLDER / f"{job.key}.flac"
    levelled = apply_gain(audio, gain_db)
    if job.bit_depth == 16:
        levelled = dithered(levelled, int(job.key[:16], 16))
    write_flac(path, levelled, rate, job.bit_depth)
    played, _ = read_audio(path)
    loudness = measure(played, rate)
    off_lu = 0.0 if job.made_from else loudness.integrated_lufs - target_lufs
    if abs(off_lu) > TOLERANCE_LU or loudness.true_peak_dbtp > TRUE_PEAK_CEILING_DBTP:
        raise StudyError(
            f"song {job.song!r}, system {job.system!r}: {loudness.integrated_lufs:.2f} LUFS and "
            f"{loudness.true_peak_dbtp:.2f} dBTP were reached instead of {target_lufs:.2f} LUFS "
            f"under {TRUE_PEAK_CEILING_DBTP:g} dBTP; is the mix almost silent?"
        )
    stimulus = Stimulus(
        song=job.song, system=job.system, file="", sha256="",
        integrated_lufs=loudness.integrated_lufs, true_peak_dbtp=loudness.true_peak_dbtp,
        lra_lu=loudness.lra_lu, duration_s=played.shape[1] / rate, sample_rate=rate,
        gain_db=gain_db, page_target_lufs=target_lufs,
        mix_integrated_lufs=float(facts["integrated_lufs"]),
        mix_true_peak_dbtp=float(facts["true_peak_dbtp"]),
        profile=job.profile, seed=job.seed, key=job.key,
        parameters=str(facts["report"]),
    )  # fmt: skip
    flac = without_tags(path.read_bytes())
    path.unlink()
    return stimulus, flac


def _placed(stimulus: Stimulus, flac: bytes, folder: Path, name_key: bytes) -> Stimulus:
    """Write a finished file under its blind name and return the stimulus that points to it."""
    sha256 = hashlib.sha256(flac).hexdigest()
    file = opaque_name(name_key, stimulus.song, stimulus.system, sha256)
    if (file, sha256) != (stimulus.file, stimulus.sha256):
        with written_whole(folder / file) as part:
            part.write_bytes(flac)
    return replace(stimulus, file=file, sha256=sha256)


def _check_alike(song: str, stimuli: list[Stimulus]) -> None:
    """Raise ``StudyError`` when stimuli of a page differ in sample rate or length."""
    first = stimuli[0]
    for other in stimuli[1:]:
        if other.sample_rate != first.sample_rate or other.duration_s != first.duration_s:
            raise StudyError(
                f"song {song!r}: the mix by {first.system!r} lasts {first.duration_s:.3f} s at "
                f"{first.sample_rate} Hz, the mix by {other.system!r} {other.duration_s:.3f} s at "
                f"{other.sample_rate} Hz; all mixes of a page must be alike"
            )
