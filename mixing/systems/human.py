"""The system ``human``: an engineer's finished mix, or parameters chosen by an engineer.

The reference file contains either a finished mix or parameters. An audio file is treated as a
finished mix. The finished mix is compared with the song and aligned with it. A gain, and nothing
else, brings the finished mix to the loudness of all mixes. A ``.json`` file contains parameters
(:mod:`mixing.parameter_file`), with which our own chain renders a mix.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixing.audio import Audio, AudioError, Song, as_stereo, check_song
from mixing.chain import render
from mixing.decisions import WHOLE, Amounts
from mixing.effects.level import apply_gain, match_loudness
from mixing.ingest.intake import taken_in, told_of
from mixing.meters.alignment import find_alignment, shifted
from mixing.parameter_file import read_parameters
from mixing.parameters import Mix, MixReport
from mixing.profiles import Profile
from mixing.systems.base import SystemSettings

NAME = "human"

# exported files of one song can have silences of different lengths at the beginning and at the end
MAX_LENGTH_DIFFERENCE_S = 2.0
# Similarities on 19 excerpts: at least 0.64 for two mixes of the same song, even heavily processed;
# at most 0.03 for two different songs; at most 0.30 for another passage of the same loop-based
# song.
MIN_SIMILARITY = 0.35
# Delays shorter than this value are not corrected, because filters shift the best match by some
# samples.
MIN_DELAY_S = 0.001


@dataclass(frozen=True, slots=True)
class HumanSystem:
    """A system that uses the file ``reference``: a finished mix, or parameters in JSON."""

    profile: Profile
    reference: Path
    amounts: Amounts = WHOLE

    def mix(self, song: Song) -> Mix:
        """Mix of ``song`` as the reference file demands.

        Raises
        ------
        AudioError
            The song cannot be mixed, or the reference file cannot be used. A reference is refused
            if it is missing, unreadable or silent, has another length, is another song, or has a
            wrong parameter.
        """
        if self.reference.suffix.lower() == ".json":
            parameters = read_parameters(self.reference)
            return render(song, parameters, NAME, self.profile, self.amounts)
        if self.amounts != WHOLE:
            raise AudioError(
                f"{self.reference} is a finished mix, which is never changed; omit the amount."
            )
        return self._finished_mix(song)

    def _finished_mix(self, song: Song) -> Mix:
        check_song(song)
        sample_rate = song.sample_rate
        given = taken_in(self.reference, sample_rate)
        _check_length(given.audio, song, self.reference)
        mix, facts = _aligned(given.audio, song, self.reference)
        match = match_loudness(mix, sample_rate, self.profile.mix_loudness_lufs)
        if math.isinf(match.integrated_lufs):
            raise AudioError(f"{self.reference} is silent.")
        notes = ["the mix was given as a finished file: its parameters are not known"]
        notes += told_of("finished mix", given.notes)
        if match.held_by_peak:
            notes.append(f"its true peak holds it at {match.integrated_lufs:.1f} LUFS")
        report = MixReport(
            system=NAME,
            profile=self.profile.name,
            eq=(),
            compression=None,
            reverb=None,
            relative_loudness_lu=None,
            integrated_lufs=match.integrated_lufs,
            true_peak_dbtp=match.true_peak_dbtp,
            notes=tuple(notes),
            extra=facts,
        )
        return Mix(apply_gain(mix, match.gain_db), None, None, sample_rate, report)


def create(settings: SystemSettings) -> HumanSystem:
    """System with the reference of ``settings``; ``AudioError`` without a reference."""
    if settings.reference is None:
        raise AudioError(
            "The human system needs a reference: a finished mix (audio file) or parameters (JSON)."
        )
    return HumanSystem(settings.profile, settings.reference, settings.amounts)


def _check_length(given: Audio, song: Song, path: Path) -> None:
    sample_rate = song.sample_rate
    given_s, song_s = given.shape[1] / sample_rate, song.vocal.shape[1] / sample_rate
    if abs(given_s - song_s) > MAX_LENGTH_DIFFERENCE_S:
        raise AudioError(
            f"{path} lasts {given_s:.2f} s, the song {song_s:.2f} s; they may differ by at most "
            f"{MAX_LENGTH_DIFFERENCE_S:g} s."
        )


def _aligned(given: Audio, song: Song, path: Path) -> tuple[Audio, dict[str, float]]:
    """Mix aligned with its stems and cut to their length, with its delay and similarity."""
    if not np.any(given):
        raise AudioError(f"{path} is silent.")
    found = find_alignment(
        given,
        as_stereo(song.vocal) + as_stereo(song.backing),
        song.sample_rate,
        MAX_LENGTH_DIFFERENCE_S,
    )
    if found.similarity < MIN_SIMILARITY:
        raise AudioError(
            f"{path} does not sound like this song's vocal and backing (similarity "
            f"{found.similarity:.2f}, {MIN_SIMILARITY} is needed); is it another song?"
        )
    delay = found.delay_samples
    if abs(delay) < MIN_DELAY_S * song.sample_rate:
        delay = 0
    facts = {"delay_ms": 1000 * delay / song.sample_rate, "similarity": found.similarity}
    return shifted(given, delay, song.vocal.shape[1]), facts
