"""Work of a rendering process for one stimulus: a mix from stems, before its level is matched.

Conventions
-----------
A job is a frozen record that is sent to worker processes. A rendered mix is kept in the build's
work folder (``KEY.npy`` beside ``KEY.json``) until its whole page is complete. The final level of a
mix depends on all mixes of its page (:mod:`stimuli.rendering.page_audio`). A file gets its name
only when it is complete; for this reason, a build that was killed can continue.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixing.audio import Audio, AudioError, Song, written_whole
from mixing.decisions import WHOLE, Amounts
from mixing.ingest.intake import read_song, taken_in
from mixing.meters.loudness import measure
from mixing.profiles import profile_named
from mixing.systems.base import SystemSettings
from mixing.systems.levels import balance_lu
from mixing.systems.registry import create_system
from stimuli.page_types.base import CUTOFF_HZ
from stimuli.rendering.anchors import low_passed
from stimuli.rendering.commands import SongCommand, run_command
from stimuli.rendering.made_stimuli import (
    anchor_report,
    command_report,
    dry_audio,
    dry_report,
    file_report,
    finished_audio,
    is_dry,
    length_of_files,
)
from stimuli.study.manifest import report_json
from stimuli.study_keys.keys import Excerpt

WORK_FOLDER = ".work"

FADE_S = 0.015
"""Raised-cosine fade at both ends: an excerpt that begins mid-note must not click."""


@dataclass(frozen=True, slots=True)
class MixJob:
    """Inputs from which one stimulus is made; ``key`` is the hash of these inputs.

    The stimulus has one of three sources. The system ``mixed_by`` can mix the stimulus from
    ``vocal`` and ``backing``. ``amounts`` says how strongly each mixing stage is applied, and
    ``level`` is the requested level of the vocal relative to the backing. ``human`` is the human
    mix, the file with the parameters of the human mix, or the finished mix that the system uses as
    a reference. The stimulus can be a finished ``file``, or the output of the ``command``. The
    ``measure`` file determines the length of the song. ``made_from`` is the reference of an anchor.
    ``n_files`` is the number of files to write, each with its own dither.
    """

    key: str
    song: str
    system: str
    vocal: Path | None
    backing: Path | None
    human: Path | None
    measure: Path
    excerpt: Excerpt | None
    profile: str
    seed: int
    bit_depth: int = 24
    made_from: MixJob | None = None
    file: Path | None = None
    mixed_by: str = ""
    weights: Path | None = None
    amounts: Amounts = WHOLE
    level: str | float | None = None
    command: SongCommand | None = None
    n_files: int = 1


def render_mix(job: MixJob, folder: Path) -> None:
    """Mix a song, cut and fade the excerpt, and store the excerpt and its measurements.

    If the mix and its measurements already exist, the function does nothing.

    Raises
    ------
    ValueError
        The song cannot be read or mixed, the excerpt is outside the song, or the mix is silent.
    """
    work = folder / WORK_FOLDER
    if (work / f"{job.key}.json").is_file():
        return
    if job.made_from is not None:
        _render_anchor(job, job.made_from, folder)
        return
    mixed, sample_rate, report = _mixed(job, folder)
    audio = faded(cut(mixed, sample_rate, job.excerpt), sample_rate)
    loudness = measure(audio, sample_rate)
    if not math.isfinite(loudness.integrated_lufs):
        raise AudioError("The excerpt is silent, so its loudness cannot be matched to the others.")
    facts = {
        "sample_rate": sample_rate,
        "integrated_lufs": loudness.integrated_lufs,
        "true_peak_dbtp": loudness.true_peak_dbtp,
        "report": report,
    }
    _leave(job, audio, facts, work)


def _mixed(job: MixJob, folder: Path) -> tuple[Audio, int, str]:
    """Return a whole song (mixed, dry or finished), its sample rate, and its report (JSON)."""
    if job.file is not None:
        return _finished(job, job.file)
    if job.command is not None:
        return _commanded(job, job.command, folder)
    song = replace(stems_of(job), disposable=True)
    if is_dry(job.system):
        return dry_audio(job.system, song), song.sample_rate, dry_report(job.system, song.notes)
    profile, amounts = profile_named(job.profile), job.amounts
    if job.level is not None:
        amounts = replace(amounts, balance_lu=balance_lu(job.level, song, profile, job.human))
    settings = SystemSettings(profile, job.seed, job.human, job.weights, amounts)
    mix = create_system(job.mixed_by, settings).mix(song)
    report = replace(mix.report, notes=(*song.notes, *mix.report.notes))
    return mix.audio, mix.sample_rate, report_json(report)


def _finished(job: MixJob, file: Path) -> tuple[Audio, int, str]:
    """Return the sound of a finished file, with the length of its song."""
    n_samples, sample_rate = length_of_files(job.measure)
    audio, notes = finished_audio(file, n_samples, sample_rate)
    return audio, sample_rate, file_report(job.system, notes)


def _commanded(job: MixJob, command: SongCommand, folder: Path) -> tuple[Audio, int, str]:
    """Return the output of a command for a song; run it only if no earlier output is stored."""
    kept = command.kept_file(folder)
    n_samples, sample_rate = length_of_files(job.measure)
    if not kept.is_file():
        inputs = {key: taken_in(path, sample_rate, n_samples).audio for key, path in command.inputs}
        run_command(command, inputs, sample_rate, kept, folder / WORK_FOLDER)
    try:
        audio, notes = finished_audio(kept, n_samples, sample_rate)
    except AudioError as error:
        kept.unlink()
        said = str(error).replace(str(kept), "the file")
        raise AudioError(f"The file that the command wrote cannot be used: {said}") from None
    return audio, sample_rate, command_report(job.system, command.line, notes)


def stems_of(job: MixJob) -> Song:
    """Vocal and backing that a system mixes; raise ``AudioError`` if the song has no stems."""
    if job.vocal is None or job.backing is None:
        raise AudioError(f"The system {job.system!r} needs vocal and backing, which are missing.")
    return read_song(job.vocal, job.backing)


def check_sources(job: MixJob) -> None:
    """Raise ``AudioError`` if a song's files cannot be used, or end before its excerpt."""
    if job.vocal is not None:
        song = stems_of(job)
        n_samples, sample_rate = song.vocal.shape[1], song.sample_rate
    else:
        n_samples, sample_rate = length_of_files(job.measure)
    check_excerpt(n_samples / sample_rate, job.excerpt)


def _render_anchor(job: MixJob, source: MixJob, folder: Path) -> None:
    """Low-pass a rendered reference to make an anchor.

    For an anchor, the loudness of its *reference* is stored; anchor and reference therefore get the
    same gain.
    """
    render_mix(source, folder)
    work, reference = folder / WORK_FOLDER, waiting_facts(source, folder)
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
    """Write a rendered mix and its measurements into the work folder."""
    with written_whole(work / f"{job.key}.npy") as part:
        np.save(part, audio)
    with written_whole(work / f"{job.key}.json") as part:
        part.write_bytes(json.dumps(facts).encode())


def check_excerpt(song_s: float, excerpt: Excerpt | None) -> None:
    """Raise ``AudioError`` if an excerpt ends after the end of the song."""
    if excerpt is None:
        return
    end_s = excerpt.start_s + excerpt.duration_s
    if end_s > song_s + 1e-6:
        raise AudioError(f"The excerpt ends at {end_s:g} s, but the files last {song_s:.3f} s.")


def cut(audio: Audio, sample_rate: int, excerpt: Excerpt | None) -> Audio:
    """Return the excerpt of ``audio`` (n_channels, n_samples), or all of ``audio`` for None."""
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


def waiting_facts(job: MixJob, folder: Path) -> dict[str, Any]:
    """Measured facts of a rendered mix in the work folder."""
    facts: dict[str, Any] = json.loads((folder / WORK_FOLDER / f"{job.key}.json").read_bytes())
    return facts
