"""Faults, levels and equal sounds of a study's files, read from the files or from the manifest.

Conventions
-----------
Before the build every file is opened as in the build, to find problems early. Once a study is
built, the results are in the manifest. The properties of mixes are known only after the build,
because making a mix takes time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mixing.audio import Audio, AudioError
from mixing.ingest.decoding import audio_length
from mixing.ingest.intake import is_of_input, read_song, taken_in, told_of
from mixing.meters.loudness import measure
from stimuli.page_types.base import CUTOFF_HZ
from stimuli.rendering.cache_keys import mix_jobs
from stimuli.rendering.made_stimuli import finished_audio, length_of_files
from stimuli.rendering.mix_audio import MixJob, cut, faded
from stimuli.rendering.same_sound import same_sounds
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.keys import StudySong


@dataclass(slots=True)
class Heard:
    """Findings about a study's sound, in words.

    ``notes`` are pairs of a song and a sentence about one of its files. ``refusals`` are sentences
    about files that cannot be used. ``alike`` are the songs for which two systems sound the same.
    ``levels`` holds, for each stimulus of a song except the anchors, the integrated loudness and
    the true peak before any gain.
    """

    notes: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    alike: list[tuple[str, str, str]] = field(default_factory=list)
    levels: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)

    def joined(self, other: Heard) -> Heard:
        """The findings of both records, each once; for songs in both, the levels of ``other``."""
        return Heard(
            list(dict.fromkeys((*self.notes, *other.notes))),
            list(dict.fromkeys((*self.refusals, *other.refusals))),
            list(dict.fromkeys((*self.alike, *other.alike))),
            self.levels | other.levels,
        )

    def refuse(self, what: str, error: Exception) -> None:
        """Add a file that cannot be used, with the reason."""
        self.refusals.append(f"{what}: {str(error).removesuffix('.')}")


def heard_in(manifest: Manifest) -> Heard:
    """Properties of the files, from the manifest of a build."""
    heard = Heard()
    for stimulus in manifest.stimuli:
        song, system, report = stimulus.song, stimulus.system, stimulus.report
        if "source" in report:  # a finished file
            heard.notes += [(song, f"{system}: {note}") for note in report["notes"]]
        else:
            heard.notes += [(song, n) for n in report.get("notes", ()) if is_of_input(n)]
        heard.alike += [(song, system, other) for other in stimulus.sounds_like if system < other]
        if system not in CUTOFF_HZ:
            level = (stimulus.mix_integrated_lufs, stimulus.mix_true_peak_dbtp)
            heard.levels.setdefault(song, {})[system] = level
    return Heard().joined(heard)


def hear_files(study: Study) -> Heard:
    """Open all files of a study and return their properties."""
    heard, opened = Heard(), set[Path]()
    for song in study.songs:
        _hear_stems(study, song, heard)
        try:
            jobs = [job for job in mix_jobs(study, song) if job.made_from is None]
        except StudyError as error:
            heard.refuse(f"the {study.called(song.name)}", error)
            continue
        _hear_mixes(study, song, [job for job in jobs if job.human not in opened], heard)
        opened |= {job.human for job in jobs if job.human}
        _hear_finished(study, song.name, jobs, heard)
    return heard


def _hear_stems(study: Study, song: StudySong, heard: Heard) -> None:
    if song.vocal is None or song.backing is None or not _has_header(song.vocal, song.backing):
        return
    try:
        heard.notes += [(song.name, note) for note in read_song(song.vocal, song.backing).notes]
    except AudioError as error:
        heard.refuse(f"the {study.called(song.name)}", error)


def _has_header(*paths: Path) -> bool:
    """Whether files are audio; the rule on songs reports all files that are not audio."""
    try:
        return all(audio_length(path) for path in paths)
    except AudioError:
        return False


def _hear_mixes(study: Study, song: StudySong, jobs: Sequence[MixJob], heard: Heard) -> None:
    """Open finished mixes that are compared with their stems, and those that systems imitate."""
    towards = {system.name for system in study.systems if system.reference}
    given = {job.human: job.system for job in reversed(jobs) if job.human}
    for path, system in sorted(given.items()):
        is_towards = system in towards
        if path.suffix == ".json" and not is_towards:  # parameters, not audio
            continue
        named = f"the {study.called(song.name)}" + f", {study.shown(system)}" * is_towards
        try:
            intake = taken_in(path)
        except AudioError as error:
            heard.refuse(named, error)
            continue
        heard.notes += [(song.name, note) for note in told_of("finished mix", intake.notes)]
        if is_towards and not intake.audio.any():
            heard.refusals.append(f"{named}: {path} is silent")


def _hear_finished(study: Study, song: str, jobs: list[MixJob], heard: Heard) -> None:
    """Open the finished files of a song, each cut to its excerpt, and compare the files."""
    sounds: dict[str, Audio] = {}
    levels: dict[str, tuple[float, float]] = {}
    named = f"the {study.called(song)}"
    for job in jobs:
        if job.file is None or not _has_header(job.file, job.measure):
            continue
        try:
            n_samples, sample_rate = length_of_files(job.measure)
            audio, notes = finished_audio(job.file, n_samples, sample_rate)
            sounds[job.system] = faded(cut(audio, sample_rate, job.excerpt), sample_rate)
            found = measure(sounds[job.system], sample_rate)
        except AudioError as error:
            heard.refuse(f"{named}, {study.shown(job.system)}", error)
            continue
        heard.notes += [(song, f"{job.system}: {note}") for note in notes]
        if not math.isfinite(found.integrated_lufs):
            heard.refusals.append(f"{named}, {study.shown(job.system)}: what is played is silent")
        levels[job.system] = (found.integrated_lufs, found.true_peak_dbtp)
    if len({sound.shape for sound in sounds.values()}) == 1:
        names = list(sounds)
        is_matched = study.loudness == "match"
        pairs = same_sounds(list(sounds.values()), is_matched, [0.0] * len(names))
        heard.alike += [(song, *sorted((names[a], names[b]))) for a, b in pairs]  # type: ignore[misc]
    if len(levels) == len(jobs):
        heard.levels[song] = levels
