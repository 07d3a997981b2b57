"""The chain every mix passes through: equaliser, compressor, reverb, level balance.

Conventions
-----------
Audio is float32 ``(2, n_samples)``. Only the vocal is processed; the backing is only turned up or
down. A reverb tail that rings beyond the song's end is cut there, so that all mixes of a song are
equally long. The finished mix is brought to the profile's loudness by gain alone, less where its
true peak would pass −1 dBTP; vocal and backing get the same gain, and their sum *is* the mix.

A system differs from another only in its choices (:class:`Choices`); each choice is made on the
vocal as processed so far.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np

from mixing.audio import Audio, AudioError, Song, as_stereo, check_song
from mixing.effects.compressor import apply_compression
from mixing.effects.eq import apply_eq
from mixing.effects.level import LoudnessMatch, apply_gain, balance_gain_db, match_loudness
from mixing.effects.reverb import (
    early_decay_time_s,
    impulse_response,
    relative_reverb_loudness_lu,
    split_reverb,
    usable_parameters,
)
from mixing.loudness import integrated_loudness
from mixing.parameters import (
    CompressionResult,
    CompressionSettings,
    CompressionTarget,
    EqBand,
    Mix,
    MixParameters,
    MixReport,
    ReverbParameters,
)
from mixing.profiles import CORRECTED, Profile

_FULL_SCALE_MARGIN_DB = 0.001  # of a stem below full scale, for what float32 rounds


class Choices(Protocol):
    """What a mixing system decides, in the order of the chain.

    Each method sees the vocal as processed so far, the untouched backing (both (2, n_samples))
    and the sample rate in Hz. None is asked when the vocal is silent.
    """

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """Peak filters for the vocal; an empty tuple leaves it as it is."""
        ...

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget | CompressionSettings | None:
        """Loudness range to compress to, settings given outright, or None for no compression."""
        ...

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | None:
        """Reverb parameters, or None for no reverb."""
        ...

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """Integrated loudness of the vocal above the backing, in LU."""
        ...


@runtime_checkable
class ExplainedChoices(Protocol):
    """Choices that can also say what they were based on (tempo, masking before and after, …)."""

    def facts(self) -> dict[str, float]:
        """Measured facts for the report's ``extra``, asked for when all choices are made."""
        ...


@dataclass(frozen=True, slots=True)
class FixedChoices:
    """Choices known beforehand: the human slot's parameters, or a mix repeated from its report."""

    parameters: MixParameters

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """The given bands."""
        return self.parameters.eq

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget | CompressionSettings | None:
        """The given target or settings."""
        return self.parameters.compression

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | None:
        """The given reverb."""
        return self.parameters.reverb

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """The given balance."""
        return self.parameters.relative_loudness_lu


@dataclass(slots=True)
class _Progress:
    """The vocal on its way through the chain, and what has been done to it."""

    vocal: Audio
    eq: tuple[EqBand, ...] = ()
    compression: CompressionResult | None = None
    reverb: ReverbParameters | None = None
    relative_loudness_lu: float | None = None
    vocal_gain_db: float = 0.0
    notes: list[str] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)


def render(song: Song, parameters: MixParameters, system: str, profile: Profile = CORRECTED) -> Mix:
    """Mix of ``song`` with parameters given outright; raises as :func:`run_chain`."""
    return run_chain(song, FixedChoices(parameters), system, profile)


def run_chain(
    song: Song,
    choices: Choices,
    system: str,
    profile: Profile = CORRECTED,
    first_relative_loudness_lu: float | None = None,
) -> Mix:
    """Mix of ``song`` as the system called ``system`` chooses.

    Parameters
    ----------
    first_relative_loudness_lu
        Balance vocal and backing to this, in LU, before the first choice (the seed's baseline
        does); None leaves the levels of the files.

    Raises
    ------
    AudioError
        Vocal and backing differ in length, hold NaN or infinity, are both silent or cancel each
        other, last under 3 s or have a sample rate outside 32–96 kHz.

    Notes
    -----
    A silent vocal (no 400 ms above −70 LUFS) is not processed and the mix is the backing at the
    mix's loudness; with a silent backing there is nothing to balance against, and the processed
    vocal alone is the mix. Both are noted in the report.
    """
    vocal, backing = _checked_stems(song)
    progress = _Progress(vocal)
    vocal_lufs, backing_lufs = (integrated_loudness(s, song.sample_rate) for s in (vocal, backing))
    if math.isinf(vocal_lufs) and math.isinf(backing_lufs):
        raise AudioError("vocal and backing are both silent (nowhere above -70 LUFS)")
    if math.isinf(vocal_lufs):
        progress.notes.append("the vocal is silent throughout: the mix is the backing alone")
    else:
        if first_relative_loudness_lu is not None:
            first_db = balance_gain_db(vocal_lufs, backing_lufs, first_relative_loudness_lu)
            progress.vocal = apply_gain(vocal, first_db)
        _process(progress, backing, song.sample_rate, choices, profile)
        _balance(progress, backing, backing_lufs, song.sample_rate, choices)
        if isinstance(choices, ExplainedChoices):
            facts = choices.facts()
            progress.facts.update({k: float(v) for k, v in facts.items() if math.isfinite(v)})
    return _finished(progress, backing, song.sample_rate, system, profile)


def _checked_stems(song: Song) -> tuple[Audio, Audio]:
    if song.vocal.shape[-1] != song.backing.shape[-1]:
        raise AudioError("vocal and backing must be equally long")
    stems = [as_stereo(np.asarray(stem, dtype=np.float32)) for stem in (song.vocal, song.backing)]
    for name, stem in zip(("vocal", "backing"), stems, strict=True):
        if not np.isfinite(stem).all():
            raise AudioError(f"the {name} holds samples that are not numbers (NaN or infinite)")
    check_song(replace(song, vocal=stems[0], backing=stems[1]))
    return stems[0], stems[1]


def _process(
    progress: _Progress, backing: Audio, sample_rate: int, choices: Choices, profile: Profile
) -> None:
    """Equaliser, compressor, reverb: each chosen on what the one before has left."""
    progress.eq = tuple(choices.choose_eq(progress.vocal, backing, sample_rate))
    progress.vocal = apply_eq(progress.vocal, sample_rate, progress.eq, profile.eq_design)
    choice = choices.choose_compression(progress.vocal, backing, sample_rate)
    if choice is not None:
        progress.vocal, progress.compression = apply_compression(
            progress.vocal, sample_rate, choice, profile
        )
        _note_missed_range(progress)
    reverb = choices.choose_reverb(progress.vocal, backing, sample_rate)
    if reverb is not None:
        _add_reverb(progress, usable_parameters(reverb, sample_rate), sample_rate)


def _balance(
    progress: _Progress, backing: Audio, backing_lufs: float, sample_rate: int, choices: Choices
) -> None:
    """Turn the vocal to the wanted balance, and keep the gain for the report."""
    wanted_lu = choices.choose_relative_loudness(progress.vocal, backing, sample_rate)
    if math.isinf(backing_lufs):
        progress.notes.append("the backing is silent throughout: the mix is the vocal alone")
        return
    vocal_lufs = integrated_loudness(progress.vocal, sample_rate)
    progress.vocal_gain_db = balance_gain_db(vocal_lufs, backing_lufs, wanted_lu)
    progress.vocal = apply_gain(progress.vocal, progress.vocal_gain_db)
    progress.relative_loudness_lu = wanted_lu


def _note_missed_range(progress: _Progress) -> None:
    result = progress.compression
    if result is not None and not result.reached and result.lra_target_lu is not None:
        progress.notes.append(
            f"the vocal's loudness range could be brought to {result.lra_after_lu:.1f} LU, "
            f"not to the {result.lra_target_lu:.1f} LU aimed at"
        )


def _add_reverb(progress: _Progress, parameters: ReverbParameters, sample_rate: int) -> None:
    progress.reverb = parameters
    direct, reverberation = split_reverb(progress.vocal, sample_rate, parameters)
    loudness_lu = relative_reverb_loudness_lu(reverberation, direct, sample_rate)
    if math.isfinite(loudness_lu):
        progress.facts["relative_reverb_loudness_lu"] = loudness_lu
        tail = impulse_response(parameters, sample_rate)
        tail[:, 0] = 0  # the direct sound
        if tail.any():
            progress.facts["early_decay_time_s"] = early_decay_time_s(tail, sample_rate)
    reverberation += direct
    progress.vocal = reverberation


def _finished(
    progress: _Progress, backing: Audio, sample_rate: int, system: str, profile: Profile
) -> Mix:
    """Sum at the profile's loudness, and the report on it."""
    match = match_loudness(progress.vocal + backing, sample_rate, profile.mix_loudness_lufs)
    if math.isinf(match.integrated_lufs):
        raise AudioError("vocal and backing cancel each other: the mix is silent")
    match = _with_whole_stems(match, progress.vocal, backing)
    if match.held_by_peak:
        progress.notes.append(
            f"the mix stays at {match.integrated_lufs:.1f} LUFS (true peak "
            f"{match.true_peak_dbtp:.1f} dBTP): louder, its peaks or its stems' would be too high"
        )
    progress.vocal = vocal = apply_gain(progress.vocal, match.gain_db)  # frees the one before
    backing = apply_gain(backing, match.gain_db)
    # What an engineer would dial in after the effects to repeat the mix.
    progress.facts["vocal_gain_db"] = progress.vocal_gain_db + match.gain_db
    progress.facts["backing_gain_db"] = match.gain_db
    report = MixReport(
        system=system,
        profile=profile.name,
        eq=progress.eq,
        compression=progress.compression,
        reverb=progress.reverb,
        relative_loudness_lu=progress.relative_loudness_lu,
        integrated_lufs=match.integrated_lufs,
        true_peak_dbtp=match.true_peak_dbtp,
        notes=tuple(progress.notes),
        extra=progress.facts,
    )
    return Mix(vocal + backing, vocal, backing, sample_rate, report)


def _with_whole_stems(match: LoudnessMatch, vocal: Audio, backing: Audio) -> LoudnessMatch:
    """Lower the gain where a stem that the other one cancels would pass full scale in a file."""
    peak = max(float(np.abs(stem).max()) for stem in (vocal, backing))
    excess_db = 20 * math.log10(peak) + match.gain_db + _FULL_SCALE_MARGIN_DB
    if excess_db <= 0:
        return match
    return LoudnessMatch(
        match.gain_db - excess_db,
        match.integrated_lufs - excess_db,
        match.true_peak_dbtp - excess_db,
        held_by_peak=True,
    )
