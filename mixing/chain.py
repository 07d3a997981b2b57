"""The processing chain of every mix: equaliser, compressor, reverb, level balance.

Conventions
-----------
Audio is float32 ``(2, n_samples)``. The chain processes only the vocal. The chain changes only the
gain of the backing. The reverb tail is cut at the end of the song, so all mixes of a song have the
same length. One gain brings the finished mix to the loudness that the profile demands. The gain of
the mix is lower if the true peak would otherwise exceed −1 dBTP. Vocal and backing get the same
gain, and the mix is exactly their sum.

Systems differ only in their decisions (:class:`~mixing.decisions.Decisions`). Each decision of a
system is based on the vocal as the earlier stages of the chain have changed it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from mixing.amounts import PartDecisions
from mixing.audio import Audio, AudioError, Song, as_stereo, check_song, sample_peak
from mixing.decisions import WHOLE, Amounts, Decisions, ExplainedDecisions, FixedDecisions
from mixing.effects.compressor import apply_compression
from mixing.effects.decay import early_decay_time_s
from mixing.effects.eq import apply_eq
from mixing.effects.level import apply_gain, balance_gain_db, excess_db
from mixing.effects.reverb import add_reverb, impulse_response, usable_parameters
from mixing.effects.reverb_calibration import calibrated
from mixing.effects.reverb_loudness import loudest_preferred_lu, too_reverberant_logit
from mixing.meters.k_weighting import Powers, pair_powers
from mixing.meters.loudness import integrated_from_powers, integrated_loudness, is_silent
from mixing.meters.true_peak import true_peak_dbtp
from mixing.parameters import (
    CompressionResult,
    EqBand,
    Mix,
    MixParameters,
    MixReport,
    ReverbParameters,
    ReverbTarget,
)
from mixing.profiles import CORRECTED, Profile

# the report notes a vocal whose crest factor exceeds the target by this many dB
CREST_NOTED_DB = 0.5
# the peak of a stem stays this many dB below full scale, because samples are rounded to float32
_FULL_SCALE_MARGIN_DB = 0.001


@dataclass(slots=True)
class _Progress:
    """The vocal during processing, with the settings of the stages that are done."""

    vocal: Audio
    eq: tuple[EqBand, ...] = ()
    compression: CompressionResult | None = None
    reverb: ReverbParameters | None = None
    relative_loudness_lu: float | None = None
    vocal_gain_db: float = 0.0
    notes: list[str] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)


def render(
    song: Song,
    parameters: MixParameters,
    system: str,
    profile: Profile = CORRECTED,
    amounts: Amounts = WHOLE,
) -> Mix:
    """Mix of ``song`` with given parameters. Raises the same errors as :func:`run_chain`."""
    return run_chain(song, FixedDecisions(parameters), system, profile, amounts=amounts)


def run_chain(
    song: Song,
    decisions: Decisions,
    system: str,
    profile: Profile = CORRECTED,
    first_relative_loudness_lu: float | None = None,
    amounts: Amounts = WHOLE,
) -> Mix:
    """Mix of ``song`` with the decisions of the system named ``system``.

    Parameters
    ----------
    song
        The song is overwritten only if it is ``disposable``.
    first_relative_loudness_lu
        Balance of vocal and backing, in LU, that is set before the first decision, as in Li's
        (2022) baseline. If None, the levels of the files are kept.
    amounts
        For each stage, the share (from 0 to 1) of its decision that is applied.

    Raises
    ------
    AudioError
        Vocal and backing differ in length, contain NaN or infinity, are both silent, or cancel each
        other. Or the song lasts less than 3 s, or its sample rate is below 32 kHz or above 96 kHz.

    Notes
    -----
    A silent vocal (no 400 ms above −70 LUFS) is not processed, and the mix is the backing at the
    loudness of the profile. If the backing is silent, the mix is the processed vocal without a
    level balance. If vocal or backing is silent, the report contains a note about it.
    """
    if amounts != WHOLE:
        decisions = PartDecisions(decisions, amounts, profile)
    stems = _checked_stems(song)
    rate = stems.sample_rate
    vocal_is_silent = is_silent(stems.vocal, rate)
    backing_is_silent = is_silent(stems.backing, rate)
    if vocal_is_silent and backing_is_silent:
        raise AudioError("Vocal and backing are both silent (nowhere above -70 LUFS).")
    # Every later stage may overwrite this vocal, so that no stage needs to copy the vocal.
    progress = _Progress(stems.vocal if song.disposable else stems.vocal.copy())
    if vocal_is_silent:
        progress.notes.append("the vocal is silent throughout: the mix is the backing alone")
    else:
        if first_relative_loudness_lu is not None:
            vocal_lufs, backing_lufs = (
                integrated_loudness(stem, rate) for stem in (progress.vocal, stems.backing)
            )
            first_db = balance_gain_db(vocal_lufs, backing_lufs, first_relative_loudness_lu)
            apply_gain(progress.vocal, first_db, in_place=True)
        _process(progress, stems.backing, rate, decisions, profile)
        if backing_is_silent:
            progress.notes.append("the backing is silent throughout: the mix is the vocal alone")
        else:
            progress.relative_loudness_lu = decisions.choose_relative_loudness(
                progress.vocal, stems.backing, rate
            )
        if isinstance(decisions, ExplainedDecisions):
            facts = decisions.facts()
            progress.facts.update({k: float(v) for k, v in facts.items() if math.isfinite(v)})
    loudness_lufs = _balance(progress, stems.backing, rate)
    return _finished(progress, stems, loudness_lufs, system, profile)


def _checked_stems(song: Song) -> Song:
    """Return the song in float32 stereo; raise ``AudioError`` if it cannot be mixed."""
    if song.vocal.shape[-1] != song.backing.shape[-1]:
        raise AudioError("Vocal and backing must be equally long.")
    stems = [as_stereo(np.asarray(stem, dtype=np.float32)) for stem in (song.vocal, song.backing)]
    for name, stem in zip(("vocal", "backing"), stems, strict=True):
        if not math.isfinite(sample_peak(stem)):
            raise AudioError(f"The {name} holds samples that are not numbers (NaN or infinite).")
    checked = replace(song, vocal=stems[0], backing=stems[1])
    check_song(checked)
    return checked


def _process(
    progress: _Progress, backing: Audio, sample_rate: int, decisions: Decisions, profile: Profile
) -> None:
    """Apply equaliser, compressor and reverb; each decision uses the vocal processed so far."""
    progress.eq = tuple(decisions.choose_eq(progress.vocal, backing, sample_rate))
    progress.vocal = apply_eq(
        progress.vocal, sample_rate, progress.eq, profile.eq_design, in_place=True
    )
    powers = None
    choice = decisions.choose_compression(progress.vocal, backing, sample_rate)
    if choice is not None:
        progress.vocal, progress.compression, powers = apply_compression(
            progress.vocal, sample_rate, choice, profile, in_place=True
        )
        _note_missed_range(progress)
    reverb = decisions.choose_reverb(progress.vocal, backing, sample_rate)
    if reverb is not None:
        _add_reverb(progress, reverb, sample_rate, profile, powers)


def _balance(progress: _Progress, backing: Audio, sample_rate: int) -> float:
    """Set the vocal's gain, and return the resulting loudness of the mix in LUFS.

    If the gain of the vocal changes, the powers of the vocal's blocks, and the products of vocal
    and backing, change by known factors. The loudness of the mix is therefore known before the mix
    is computed.
    """
    vocal_powers, backing_powers, products = pair_powers(progress.vocal, backing, sample_rate)
    if progress.relative_loudness_lu is not None:
        progress.vocal_gain_db = balance_gain_db(
            integrated_from_powers(vocal_powers),
            integrated_from_powers(backing_powers),
            progress.relative_loudness_lu,
        )
    gain = 10 ** (progress.vocal_gain_db / 20)
    powers = gain**2 * vocal_powers + backing_powers + 2 * gain * products
    loudness_lufs = integrated_from_powers(np.maximum(powers, 0.0))
    if math.isinf(loudness_lufs):
        raise AudioError("Vocal and backing cancel each other: the mix is silent.")
    return loudness_lufs


def _note_missed_range(progress: _Progress) -> None:
    result = progress.compression
    if result is None or result.lra_target_lu is None:
        return
    if not result.reached:
        progress.notes.append(
            f"the vocal's loudness range could be brought to {result.lra_after_lu:.1f} LU, "
            f"not to the {result.lra_target_lu:.1f} LU aimed at"
        )
    after_db, aimed_db = result.crest_after_db, result.crest_target_db
    if after_db is not None and aimed_db is not None and after_db > aimed_db + CREST_NOTED_DB:
        progress.notes.append(
            f"the vocal's crest could be brought to {after_db:.1f} dB, not to the "
            f"{aimed_db:.1f} dB aimed at"
        )


def _add_reverb(
    progress: _Progress,
    choice: ReverbParameters | ReverbTarget,
    sample_rate: int,
    profile: Profile,
    powers: Powers | None,
) -> None:
    target = choice if isinstance(choice, ReverbTarget) else None
    wanted = usable_parameters(
        choice.parameters if isinstance(choice, ReverbTarget) else choice, sample_rate
    )
    # The report gives the reverb time that listeners hear. The delay network may need another
    # setting to produce the reverb time of the report.
    network = calibrated(wanted) if profile.name == "corrected" else wanted
    early_decay_s = _early_decay_s(network, sample_rate)
    if target is not None:
        level_lu = target.relative_loudness_lu
        if target.held:
            level_lu = min(level_lu, loudest_preferred_lu(early_decay_s))
        target = replace(target, parameters=network, relative_loudness_lu=level_lu)
    used, loudness_lu = add_reverb(progress.vocal, sample_rate, target or network, powers)
    progress.reverb = replace(used, reverb_time_s=wanted.reverb_time_s)
    progress.facts["network_reverb_time_s"] = used.reverb_time_s
    if math.isfinite(loudness_lu):
        progress.facts["relative_reverb_loudness_lu"] = loudness_lu
        if early_decay_s > 0:
            progress.facts["early_decay_time_s"] = early_decay_s
            if profile.name == "corrected":
                logit = too_reverberant_logit(loudness_lu, early_decay_s)
                progress.facts["too_reverberant_logit"] = logit


def _early_decay_s(parameters: ReverbParameters, sample_rate: int) -> float:
    """Early decay time of the reverb tail (the dry/wet ratio has no effect); 0 without a tail."""
    tail = impulse_response(replace(parameters, dry_wet=1.0), sample_rate)
    tail[:, 0] = 0  # the direct sound
    return early_decay_time_s(tail, sample_rate) if tail.any() else 0.0


def _finished(
    progress: _Progress, stems: Song, loudness_lufs: float, system: str, profile: Profile
) -> Mix:
    """The mix and its report. The loudness is the profile's, or lower if its peak is too high."""
    gain_db = profile.mix_loudness_lufs - loudness_lufs
    vocal = apply_gain(progress.vocal, progress.vocal_gain_db + gain_db, in_place=True)
    backing = apply_gain(stems.backing, gain_db, in_place=stems.disposable)
    # A stem can have a higher peak than the mix, because the stems can cancel each other. A stem
    # must not clip when it is written to its own file.
    stem_peak_db = 20 * math.log10(max(sample_peak(vocal), sample_peak(backing)))
    mix = np.add(vocal, backing, out=backing if stems.disposable else None)
    peak_dbtp = true_peak_dbtp(mix)
    lowered_db = max(excess_db(peak_dbtp), stem_peak_db + _FULL_SCALE_MARGIN_DB, 0.0)
    if lowered_db > 0:
        gain_db, peak_dbtp = gain_db - lowered_db, peak_dbtp - lowered_db
        for audio in (vocal, mix if stems.disposable else backing):
            apply_gain(audio, -lowered_db, in_place=True)
        if not stems.disposable:
            np.add(vocal, backing, out=mix)
        progress.notes.append(
            f"the mix stays at {loudness_lufs + gain_db:.1f} LUFS (true peak {peak_dbtp:.1f} "
            "dBTP): louder, its peaks or its stems' would be too high"
        )
    # With these gains, an engineer can mix the two stems after the effects.
    progress.facts["vocal_gain_db"] = progress.vocal_gain_db + gain_db
    progress.facts["backing_gain_db"] = gain_db
    report = MixReport(
        system=system,
        profile=profile.name,
        eq=progress.eq,
        compression=progress.compression,
        reverb=progress.reverb,
        relative_loudness_lu=progress.relative_loudness_lu,
        integrated_lufs=loudness_lufs + gain_db,
        true_peak_dbtp=peak_dbtp,
        notes=tuple(progress.notes),
        extra=progress.facts,
    )
    return Mix(mix, vocal, None if stems.disposable else backing, stems.sample_rate, report)
