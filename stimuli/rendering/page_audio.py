"""Work of a rendering process for one page: finished files from the rendered mixes.

Conventions
-----------
The mixes of a song are in the work folder (:mod:`stimuli.rendering.mix_audio`); a page brings them
to one loudness and one file size, and gives them opaque names. Rendering processes return paths of
files and records as their results.

Contents, in reading order: the job; ``page_target_lufs`` (loudness of a page); ``finish_page``
(matches mixes in loudness and file size and gives them opaque names).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixing.audio import Audio, AudioError, sample_peak, write_flac, written_whole
from mixing.effects.level import TRUE_PEAK_CEILING_DBTP, apply_gain
from mixing.ingest.decoding import read_audio
from mixing.meters.loudness import block_powers, integrated_from_powers, range_from_powers
from mixing.meters.true_peak import true_peak_dbtp
from stimuli.rendering.blind_flac import alike
from stimuli.rendering.cache_keys import file_sha256
from stimuli.rendering.mix_audio import WORK_FOLDER, MixJob, render_mix, waiting_facts
from stimuli.rendering.same_sound import dither_power, same_sounds
from stimuli.study.manifest import Stimulus

AUDIO_FOLDER = "audio"

PEAK_MARGIN_DB = 0.05
"""Room below the ceiling for what true-peak meters differ by."""

QUIET_DBTP = -40.0
"""Above, dither moves a true peak by 0.04 dB at most (16 bits), and gain tells where it lies."""

TOLERANCE_LU = 0.1
"""Stimuli of a page are equally loud within this."""


@dataclass(frozen=True, slots=True)
class PageJob:
    """The mixes of one song, and the stimuli of the last build that need not be made again.

    ``kept`` maps a key to its stimulus, for stimuli whose files are unchanged. ``name_key`` is the
    secret from which file names are derived. If ``target_lufs`` is not given, no loudness is
    changed.
    """

    song: str
    mixes: tuple[MixJob, ...]
    kept: dict[str, Stimulus]
    target_lufs: float | None
    name_key: bytes


def dithered(audio: Audio, seed: int, bit_depth: int) -> Audio:
    """Return ``audio`` rounded to a given number of bits with triangular dither of ±1 step (TPDF).

    Rounding alone distorts quiet passages. Dither turns the distortion into steady, very quiet
    noise (−96 dBFS for 16 bits, −144 dBFS for 24). With another seed, dither gives another
    inaudible noise; the bytes of two files then do not reveal that the files hold the same mix.
    """
    full_scale = 2 ** (bit_depth - 1)
    rng = np.random.default_rng(seed)
    dither = rng.random(audio.shape, np.float32) - rng.random(audio.shape, np.float32)
    steps = np.clip(np.rint(audio * full_scale + dither), -full_scale, full_scale - 1)
    return np.asarray(steps / full_scale, dtype=np.float32)


def page_target_lufs(levels: list[tuple[float, float]], target_lufs: float) -> float:
    """Loudness that every mix of a page can be brought to by a gain only.

    Parameters
    ----------
    levels
        Integrated loudness (LUFS) and true peak (dBTP) of each mix.
    target_lufs
        Requested loudness (LUFS).

    Returns
    -------
    float
        Loudness in LUFS: min(target, −1 − max(TP − I)), where TP is the true peak and I the
        integrated loudness of a mix. The true peaks stay 0.05 dB below −1 dBTP.
    """
    highest = max(true_peak - integrated for integrated, true_peak in levels)
    return min(target_lufs, TRUE_PEAK_CEILING_DBTP - PEAK_MARGIN_DB - highest)


def target_lufs(page: PageJob, integrated_lufs: float, levels: list[tuple[float, float]]) -> float:
    """Target loudness of a mix of a page: equal for all mixes, or its own (``loudness: check``).

    ``integrated_lufs`` is the loudness of the mix; ``levels`` are the levels of all mixes of the
    page.
    """
    if page.target_lufs is None:
        return integrated_lufs
    return page_target_lufs(levels, page.target_lufs)


def finish_page(page: PageJob, folder: Path) -> tuple[Stimulus, ...]:
    """Match the mixes of a page in loudness and file size, and give them opaque names.

    Returns
    -------
    tuple
        One stimulus per mix, in the order of the page. The files of the returned stimuli are in the
        audio folder.

    Raises
    ------
    AudioError
        The mixes differ in length, sample rate or channels, or a mix does not reach the page's
        loudness.
    """
    facts = {}
    for job in page.mixes:
        if job.key not in page.kept:
            # Only an anchor is rendered at this point; all other mixes are already in the folder.
            render_mix(job, folder)
            facts[job.key] = waiting_facts(job, folder)
    kept = [page.kept[job.key] for job in page.mixes if job.key in page.kept]
    levels = [(f["integrated_lufs"], f["true_peak_dbtp"]) for f in facts.values()]
    levels += [(old.mix_integrated_lufs, old.mix_true_peak_dbtp) for old in kept]
    finished: list[tuple[Stimulus, list[bytes]]] = []
    for job in page.mixes:
        old = page.kept.get(job.key)
        if old is not None and old.page_target_lufs == target_lufs(
            page, old.mix_integrated_lufs, levels
        ):
            finished.append((old, [(folder / file).read_bytes() for file in old.files]))
        else:
            render_mix(job, folder)
            found = waiting_facts(job, folder)
            wanted = target_lufs(page, float(found["integrated_lufs"]), levels)
            finished.append(_levelled(job, found, folder, wanted, page.target_lufs is not None))
    _check_alike([stimulus for stimulus, _ in finished])
    alike_systems = _systems_alike(page, [stimulus for stimulus, _ in finished], folder)
    seeds = [
        dither_seed(stimulus.key, number)
        for stimulus, files in finished
        for number in range(len(files))
    ]
    served = iter(alike([file for _, files in finished for file in files], seeds))
    return tuple(
        _placed(
            stimulus.that_sounds_like(alike_systems[stimulus.system]),
            [next(served) for _ in files],
            folder,
            page.name_key,
        )
        for stimulus, files in finished
    )


def dither_seed(key: str, number: int) -> int:
    """Random seed for file ``number`` (from 0) of a mix, used for its dither and its padding."""
    return int.from_bytes(hashlib.sha256(f"{key}\0{number}".encode()).digest()[:8], "big")


OPAQUE_NAME = re.compile(r"[0-9a-f]{32}\.flac")
"""Form of the names that :func:`opaque_name` gives; an old file of that form may be removed."""


def opaque_name(name_key: bytes, song: str, system: str, sha256: str) -> str:
    """Name of a stimulus's file in the build folder: 32 hex digits derived with a secret.

    Nobody who lacks the secret can learn anything from a file's name; with the secret, the same
    content always gets the same name.
    """
    content = "\0".join((song, system, sha256)).encode()
    digest = hashlib.blake2b(content, key=name_key, digest_size=16).hexdigest()
    return f"{AUDIO_FOLDER}/{digest}.flac"


def is_intact_copy(path: Path, name_key: bytes, stimulus: Stimulus) -> bool:
    """Whether a copy of a stimulus exists, and whether its content matches its name."""
    if not path.is_file():
        return False
    name = opaque_name(name_key, stimulus.song, stimulus.system, file_sha256(path))
    return Path(name).name == path.name


def _systems_alike(
    page: PageJob, stimuli: list[Stimulus], folder: Path
) -> dict[str, tuple[str, ...]]:
    """For each system of a page, the other systems that sound the same."""
    sounds, noise_powers = [], []
    for job, stimulus in zip(page.mixes, stimuli, strict=True):
        waiting = folder / WORK_FOLDER / f"{job.key}.npy"
        if waiting.is_file():
            sounds.append(np.load(waiting, mmap_mode="r"))
            noise_powers.append(0.0)
        else:
            sounds.append(read_audio(folder / stimulus.file)[0])
            noise_powers.append(dither_power(job.bit_depth))
    pairs = same_sounds(sounds, page.target_lufs is not None, noise_powers)
    systems = [stimulus.system for stimulus in stimuli]
    return {
        system: tuple(systems[a + b - n] for a, b in pairs if n in (a, b))
        for n, system in enumerate(systems)
    }


def _levelled(
    job: MixJob, facts: dict[str, Any], folder: Path, target_lufs: float, is_matched: bool
) -> tuple[Stimulus, list[bytes]]:
    """FLAC files of a rendered mix at the page's loudness, and its stimulus without file names."""
    rate = int(facts["sample_rate"])
    audio = np.load(folder / WORK_FOLDER / f"{job.key}.npy")
    gain_db = target_lufs - float(facts["integrated_lufs"])
    path = folder / WORK_FOLDER / f"{job.key}.flac"
    levelled = apply_gain(audio, gain_db)
    if not is_matched and sample_peak(levelled) > 1.0:
        raise AudioError(
            f"The peaks of {job.system!r} exceed full scale by "
            f"{20 * np.log10(sample_peak(levelled)):.1f} dB and would clip. Lower all files of the "
            "page by as many dB, or set loudness: match."
        )
    files: list[bytes] = []
    for number in reversed(range(job.n_files)):
        played = dithered(levelled, dither_seed(job.key, number), job.bit_depth)
        write_flac(path, played, rate, job.bit_depth)
        files.insert(0, path.read_bytes())
    powers = block_powers(played, rate)
    reached_lufs = integrated_from_powers(powers)
    peak_dbtp = _true_peak_dbtp(played, float(facts["true_peak_dbtp"]) + gain_db)
    off_lu = 0.0 if job.made_from else reached_lufs - target_lufs
    is_missed = abs(off_lu) > TOLERANCE_LU or peak_dbtp > TRUE_PEAK_CEILING_DBTP
    if is_matched and is_missed:
        raise AudioError(
            f"The mix by {job.system!r} has {reached_lufs:.2f} LUFS and {peak_dbtp:.2f} dBTP, but "
            f"needs {target_lufs:.2f} LUFS and at most {TRUE_PEAK_CEILING_DBTP:g} dBTP. Is the mix "
            "almost silent?"
        )
    stimulus = Stimulus(
        song=job.song, system=job.system, file="", sha256="",
        integrated_lufs=reached_lufs, true_peak_dbtp=peak_dbtp,
        lra_lu=range_from_powers(powers), duration_s=played.shape[1] / rate, sample_rate=rate,
        gain_db=gain_db, page_target_lufs=target_lufs,
        mix_integrated_lufs=float(facts["integrated_lufs"]),
        mix_true_peak_dbtp=float(facts["true_peak_dbtp"]),
        profile=job.profile, seed=job.seed, key=job.key,
        parameters=str(facts["report"]),
    )  # fmt: skip
    path.unlink()
    return stimulus, files


def _true_peak_dbtp(played: Audio, levelled_dbtp: float) -> float:
    """True peak of a dithered mix.

    The true peak is measured only for a quiet mix. For other mixes, the function returns the true
    peak that the mix has after its gain and before the dither.

    To measure a true peak, the meter computes four values for each sample, which takes more time
    than all other work for a page.
    """
    return levelled_dbtp if levelled_dbtp > QUIET_DBTP else true_peak_dbtp(played)


def _placed(stimulus: Stimulus, flacs: list[bytes], folder: Path, name_key: bytes) -> Stimulus:
    """Write finished files under opaque names and return the stimulus that points to them."""
    hashes = [hashlib.sha256(flac).hexdigest() for flac in flacs]
    names = [opaque_name(name_key, stimulus.song, stimulus.system, each) for each in hashes]
    for name, flac in zip(names, flacs, strict=True):
        if name not in stimulus.files:
            with written_whole(folder / name) as part:
                part.write_bytes(flac)
    return replace(stimulus, file=names[0], sha256=hashes[0], copies=" ".join(names[1:]))


def _check_alike(stimuli: list[Stimulus]) -> None:
    """Raise ``AudioError`` if stimuli of a page differ in sample rate or length."""
    first = stimuli[0]
    for other in stimuli[1:]:
        if other.sample_rate != first.sample_rate or other.duration_s != first.duration_s:
            raise AudioError(
                f"The mix by {first.system!r} lasts {first.duration_s:.3f} s at "
                f"{first.sample_rate} Hz, the mix by {other.system!r} {other.duration_s:.3f} s at "
                f"{other.sample_rate} Hz; all mixes of a page need the same length and rate."
            )
