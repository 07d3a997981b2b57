"""One stimulus, one page: the work a rendering process does, from stems to finished files.

Conventions
-----------
Jobs are frozen records that travel to worker processes; results are files and records that
travel back. A rendered mix waits in the build's work folder (``KEY.npy`` beside ``KEY.json``)
until its whole page is there, for the page decides the level. Every file appears under its
name only when it is complete, so that a build that was killed can go on.

Contents, in reading order: the jobs, ``render_mix`` (song and system to waiting mix),
``page_target_lufs`` (how loud a page may be), ``finish_page`` (waiting mixes to equally loud,
equally large files without a tell-tale name).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixing.audio import Audio, AudioError, Song, read_audio, read_song, write_flac
from mixing.effects.level import apply_gain
from mixing.loudness import measure
from mixing.profiles import profile_named
from mixing.systems.base import SystemSettings
from stimuli.anchors import CUTOFF_HZ, low_passed
from stimuli.flac_size import common_size, padded_to, without_tags
from stimuli.made_stimuli import anchor_report, dry_audio, dry_report, is_dry
from stimuli.manifest import Stimulus, report_json
from stimuli.page_types.base import REFERENCE
from stimuli.study import StudyError
from stimuli.study_parts import Excerpt

AUDIO_FOLDER, WORK_FOLDER = "audio", ".work"

FADE_S = 0.015
"""Raised-cosine fade at both ends: an excerpt that begins mid-note must not click."""

CEILING_DBTP = -1.0
"""Highest true peak of a stimulus."""

PEAK_MARGIN_DB = 0.05
"""Room below the ceiling for what true-peak meters differ by."""

TOLERANCE_LU = 0.1
"""Stimuli of a page are equally loud within this."""


@dataclass(frozen=True, slots=True)
class MixJob:
    """What one mix is made from; ``key`` is the hash of all of it.

    An anchor is ``made_from`` the mix that is its reference.
    """

    key: str
    song: str
    system: str
    vocal: Path
    backing: Path
    human: Path | None
    excerpt: Excerpt | None
    profile: str
    seed: int
    bit_depth: int = 24
    made_from: MixJob | None = None


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


def render_mix(job: MixJob, folder: Path) -> None:
    """Mix a song, cut and fade the excerpt, measure it, and leave both in the work folder.

    Does nothing when they are there already.

    Raises
    ------
    ValueError
        The song cannot be read or mixed, the excerpt lies outside it, or the mix is silent.
    """
    work = folder / WORK_FOLDER
    if (work / f"{job.key}.json").is_file():
        return
    if job.made_from is not None:
        _render_anchor(job, job.made_from, folder)
        return
    mixed, sample_rate, report = _mixed(job)
    audio = faded(cut(mixed, sample_rate, job.excerpt), sample_rate)
    loudness = measure(audio, sample_rate)
    if not math.isfinite(loudness.integrated_lufs):
        raise AudioError("the mix is silent, so it cannot be made as loud as the others")
    facts = {
        "sample_rate": sample_rate,
        "integrated_lufs": loudness.integrated_lufs,
        "true_peak_dbtp": loudness.true_peak_dbtp,
        "report": report,
    }
    _leave(job, audio, facts, work)


def _mixed(job: MixJob) -> tuple[Audio, int, str]:
    """Return a whole song mixed, or dry; its rate, and what is known of it (JSON)."""
    from mixing.systems.registry import create_system

    song = replace(read_song(job.vocal, job.backing), disposable=True)
    check_excerpt(song, job.excerpt)
    if is_dry(job.system):
        return dry_audio(job.system, song), song.sample_rate, dry_report(job.system)
    settings = SystemSettings(profile_named(job.profile), job.seed, job.human)
    system = "human" if job.system == REFERENCE else job.system
    mix = create_system(system, settings).mix(song)
    return mix.audio, mix.sample_rate, report_json(mix.report)


def _render_anchor(job: MixJob, source: MixJob, folder: Path) -> None:
    """Low-pass a waiting reference. The facts have *its* loudness: both get the same gain."""
    render_mix(source, folder)
    work, reference = folder / WORK_FOLDER, _waiting_facts(source, folder)
    sample_rate = int(reference["sample_rate"])
    audio = low_passed(np.load(work / f"{source.key}.npy"), sample_rate, CUTOFF_HZ[job.system])
    facts = {
        "sample_rate": sample_rate,
        "integrated_lufs": reference["integrated_lufs"],
        "true_peak_dbtp": measure(audio, sample_rate).true_peak_dbtp,
        "report": anchor_report(job.system, source.system, sample_rate),
    }
    _leave(job, audio, facts, work)


def _leave(job: MixJob, audio: Audio, facts: dict[str, Any], work: Path) -> None:
    """Leave a rendered mix and what was measured of it in the work folder."""
    part = work / f".{job.key}.{os.getpid()}.part.npy"
    np.save(part, audio)
    part.replace(work / f"{job.key}.npy")
    _write_whole(work / f"{job.key}.json", json.dumps(facts).encode())


def check_excerpt(song: Song, excerpt: Excerpt | None) -> None:
    """Raise ``AudioError`` when an excerpt ends after the song."""
    if excerpt is None:
        return
    end_s, song_s = excerpt.start_s + excerpt.duration_s, song.vocal.shape[1] / song.sample_rate
    if end_s > song_s + 1e-6:
        raise AudioError(f"the excerpt ends at {end_s:g} s, but the song lasts {song_s:.3f} s")


def cut(audio: Audio, sample_rate: int, excerpt: Excerpt | None) -> Audio:
    """Return the excerpt of ``audio`` (n_channels, n_samples), or all of it for None."""
    if excerpt is None:
        return audio
    start = round(excerpt.start_s * sample_rate)
    return audio[:, start : start + round(excerpt.duration_s * sample_rate)]


def faded(audio: Audio, sample_rate: int) -> Audio:
    """Return a copy of ``audio`` with its first and last 15 ms faded by a raised cosine."""
    n_fade = min(round(FADE_S * sample_rate), audio.shape[1] // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(n_fade) + 0.5) / n_fade)).astype(np.float32)
    audio = np.array(audio, dtype=np.float32)
    audio[:, :n_fade] *= ramp
    audio[:, audio.shape[1] - n_fade :] *= ramp[::-1]
    return audio


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
    return min(target_lufs, CEILING_DBTP - PEAK_MARGIN_DB - highest)


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
            facts[job.key] = _waiting_facts(job, folder)
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
            finished.append(_levelled(job, _waiting_facts(job, folder), folder, target_lufs))
    _check_alike(page.song, [stimulus for stimulus, _ in finished])
    n_bytes = common_size([len(flac) for _, flac in finished])
    return tuple(
        _placed(stimulus, padded_to(flac, n_bytes), folder, page.name_key)
        for stimulus, flac in finished
    )


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
    if abs(off_lu) > TOLERANCE_LU or loudness.true_peak_dbtp > CEILING_DBTP:
        raise StudyError(
            f"song {job.song!r}, system {job.system!r}: {loudness.integrated_lufs:.2f} LUFS and "
            f"{loudness.true_peak_dbtp:.2f} dBTP were reached instead of {target_lufs:.2f} LUFS "
            "under -1 dBTP; is the mix almost silent?"
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


def _waiting_facts(job: MixJob, folder: Path) -> dict[str, Any]:
    """Measured facts of a mix that waits in the work folder."""
    facts: dict[str, Any] = json.loads((folder / WORK_FOLDER / f"{job.key}.json").read_bytes())
    return facts


def _placed(stimulus: Stimulus, flac: bytes, folder: Path, name_key: bytes) -> Stimulus:
    """Write a finished file under its blind name and return the stimulus that points to it."""
    sha256 = hashlib.sha256(flac).hexdigest()
    file = opaque_name(name_key, stimulus.song, stimulus.system, sha256)
    if (file, sha256) != (stimulus.file, stimulus.sha256):
        _write_whole(folder / file, flac)
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


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is complete or not there."""
    part = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
