"""The matching system, which imitates a finished mix with mixtrial's own chain.

The reference is a finished mix of the same song or of another song. From a mix of the same song,
the backing is removed by least squares, so that the mixed vocal remains. For a mix of another song,
a separation model estimates vocal and backing. In each stage, the settings are chosen so that our
vocal gets the measured values of the reference's vocal. The equaliser matches the levels of octave
bands. The compressor matches the loudness range and the crest factor. The reverb matches the
loudness of the sound in the vocal's pauses. The level stage matches the loudness of the vocal
relative to the backing.

If more than the level of the backing was changed in the reference, part of the backing remains in
the estimated vocal and in its pauses. The reverb is therefore limited to ``LOUDEST_REVERB_LU``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mixing.audio import Audio, AudioError, Song, as_stereo, check_song
from mixing.chain import run_chain
from mixing.decisions import WHOLE, Amounts
from mixing.effects.convolution import convolved_pieces
from mixing.effects.eq import BAND_FREQUENCIES_HZ
from mixing.effects.level import relative_loudness_lu
from mixing.effects.reverb import impulse_response
from mixing.effects.reverb_loudness import relative_lu_of_powers
from mixing.ingest.intake import taken_in
from mixing.learning.separation.base import separated
from mixing.learning.separation.registry import open_separator
from mixing.meters.alignment import find_alignment, shifted
from mixing.meters.dynamics import Mask, crest_db, sounding_blocks
from mixing.meters.k_weighting import PowerMeter, Powers
from mixing.meters.loudness import block_powers, range_from_powers
from mixing.parameters import CompressionTarget, EqBand, Mix, ReverbParameters, ReverbTarget
from mixing.profiles import Profile
from mixing.rules.bands import BandLevels, band_levels
from mixing.rules.masking import interaction, octave_effect_db
from mixing.rules.tempo import fade_in_s, tempo_bpm
from mixing.systems.base import SystemSettings
from mixing.systems.baseline import LI2022_ROOM_SIZE, LI2022_SHELVES
from mixing.systems.human import MAX_LENGTH_DIFFERENCE_S, MIN_DELAY_S, MIN_SIMILARITY

NAME = "match"
TAKES_REFERENCE = True

# largest correction of a band; a larger difference is caused by another sound and not by another
# mix
LARGEST_GAIN_DB = 12.0
SMALLEST_GAIN_DB = 0.5  # a band gets no filter if its correction is smaller than this value in dB
FAINT_BAND_DB = -50.0  # bands below this level, relative to the strongest band, contain only noise
# moments of a vocal below this level, relative to the loudest moment, are left out
ACTIVE_DB = -30.0
# reverb times that are tried; each time is 40 to 50 % longer than the previous time
REVERB_TIMES_S = (0.4, 0.6, 0.9, 1.3, 1.9, 2.7)
LOUDEST_REVERB_LU, FAINTEST_REVERB_LU = -6.0, -40.0


@dataclass(frozen=True, slots=True)
class MatchSystem:
    """A system whose mixes get the measured values of the finished mix in ``reference``."""

    profile: Profile
    reference: Path
    amounts: Amounts = WHOLE

    def mix(self, song: Song) -> Mix:
        """Mix of ``song``. Raises ``AudioError`` if the song or the reference cannot be used."""
        check_song(song)
        given = taken_in(self.reference, song.sample_rate).audio
        stems = _stems_in(given, song, self.reference)
        decisions = MatchDecisions(self.profile, stems)
        return run_chain(song, decisions, NAME, self.profile, amounts=self.amounts)


def reference_balance_lu(reference: Path, song: Song, profile: Profile) -> float:
    """Loudness of the vocal minus loudness of the backing, in LU, in a finished mix of any song.

    Raises
    ------
    AudioError
        The reference file cannot be read, or is silent.
    """
    given = taken_in(reference, song.sample_rate).audio
    return MatchDecisions(profile, _stems_in(given, song, reference)).balance_lu(song.sample_rate)


def create(settings: SystemSettings) -> MatchSystem:
    """System with the reference of ``settings``; ``AudioError`` without a reference."""
    if settings.reference is None or settings.reference.suffix.lower() == ".json":
        raise AudioError("The match system needs a reference: a finished mix (audio file).")
    return MatchSystem(settings.profile, settings.reference, settings.amounts)


@dataclass(frozen=True, slots=True)
class _Reference:
    """Vocal and backing as in the reference; ``same_song`` if the reference has the same song."""

    vocal: Audio
    backing: Audio
    same_song: bool


@dataclass(frozen=True, slots=True)
class MatchDecisions:
    """Decisions that give a vocal the measured values of the reference's vocal."""

    profile: Profile
    reference: _Reference

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """Smallest gains that give the vocal the octave levels of the reference."""
        wanted_db, heard = _octave_difference_db(vocal, self.reference, sample_rate)
        best = min(
            (
                _gains_for(np.where(heard, wanted_db - common_db, 0.0), sample_rate)
                for common_db in np.linspace(wanted_db[heard].min(), wanted_db[heard].max(), 41)
            ),
            key=lambda gains: float(np.abs(gains).sum()),
        )
        return tuple(
            EqBand(frequency, round(float(gain), 2))
            for frequency, gain in zip(BAND_FREQUENCIES_HZ, best, strict=True)
            if abs(gain) >= SMALLEST_GAIN_DB
        )

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget:
        """Loudness range and crest factor of the vocal in the reference."""
        range_lu = range_from_powers(block_powers(self.reference.vocal, sample_rate))
        return CompressionTarget(range_lu, crest_db(self.reference.vocal, sample_rate))

    def choose_reverb(self, vocal: Audio, backing: Audio, sample_rate: int) -> ReverbTarget | None:
        """Reverb with as much sound in the pauses as in the reference, for the same song only."""
        tempo = tempo_bpm(backing, sample_rate)
        shape = ReverbParameters(0.5, 1.5, fade_in_s(tempo), LI2022_ROOM_SIZE, **LI2022_SHELVES)
        if not self.reference.same_song:
            target_lu = self.profile.relative_reverb_loudness_lu
            return None if target_lu is None else ReverbTarget(shape, target_lu, held=True)
        heard = block_powers(self.reference.vocal, sample_rate)
        dry = block_powers(vocal, sample_rate)
        found = [
            fitted
            for time_s in REVERB_TIMES_S
            if (fitted := _fitted(replace(shape, reverb_time_s=time_s), vocal, dry, heard,
                                  sample_rate)) is not None
        ]  # fmt: skip
        return min(found, key=lambda each: each[0])[1] if found else None

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """Loudness of the vocal minus loudness of the backing in the reference, in LU."""
        return self.balance_lu(sample_rate)

    def balance_lu(self, sample_rate: int) -> float:
        """Balance of the reference in LU; if a stem of the reference is silent, the profile's."""
        reference = self.reference
        relative_lu = relative_loudness_lu(reference.vocal, reference.backing, sample_rate)
        return self.profile.relative_loudness_lu if relative_lu is None else relative_lu


def _stems_in(given: Audio, song: Song, path: Path) -> _Reference:
    """Vocal and backing of a finished mix. Raises ``AudioError`` if the mix has no vocal."""
    if not given.any():
        raise AudioError(f"{path} is silent.")
    vocal, backing = as_stereo(song.vocal), as_stereo(song.backing)
    found = find_alignment(given, vocal + backing, song.sample_rate, MAX_LENGTH_DIFFERENCE_S)
    if found.similarity < MIN_SIMILARITY:
        stems = separated(given, song.sample_rate, open_separator("auto"))
        return _Reference(stems.vocal, stems.backing, same_song=False)
    is_late = abs(found.delay_samples) >= MIN_DELAY_S * song.sample_rate
    mix = shifted(given, found.delay_samples if is_late else 0, vocal.shape[1])
    backing = backing * np.float32(_backing_gain(mix, vocal, backing))
    return _Reference(mix - backing, backing, same_song=True)


def _backing_gain(mix: Audio, vocal: Audio, backing: Audio) -> float:
    """Gain of the backing in the mix, from a least-squares fit of both stems."""
    stems = np.stack([backing.ravel(), vocal.ravel()]).astype(np.float64)
    products = stems @ stems.T
    gains = np.linalg.lstsq(products, stems @ mix.ravel().astype(np.float64), rcond=None)[0]
    return float(gains[0])


def _octave_difference_db(
    vocal: Audio, reference: _Reference, sample_rate: int
) -> tuple[Powers, Mask]:
    """Level differences of reference and vocal in nine octaves, in dB, and a mask.

    The mask marks the octaves that contain a voice.
    """
    levels: list[tuple[BandLevels, Powers]] = []
    for sound in (vocal, reference.vocal):
        own = band_levels(sound, sound, sample_rate)
        loudest = own if not levels or not reference.same_song else levels[0][0]
        active = loudest.vocal_rms_db > loudest.vocal_rms_db.max() + ACTIVE_DB
        levels.append((own, 10 * np.log10((10 ** (own.vocal_db[active] / 10)).mean(axis=0))))
    ours, theirs = levels[0][1], levels[1][1]
    return theirs - ours, (ours > ours.max() + FAINT_BAND_DB)


def _gains_for(wanted_db: Powers, sample_rate: int) -> Powers:
    """Gains of nine bands with overlapping filters, for the given changes of the octaves."""
    gains = np.zeros(wanted_db.size)
    # The correction is repeated, because strong filters overlap a little more than weak filters.
    for _ in range(2):
        rest = wanted_db - octave_effect_db(gains, sample_rate)
        gains += np.linalg.lstsq(interaction(sample_rate), rest, rcond=0.05)[0]
        gains = np.clip(gains, -LARGEST_GAIN_DB, LARGEST_GAIN_DB)
    return gains


def _fitted(
    shape: ReverbParameters, vocal: Audio, dry: Powers, heard: Powers, sample_rate: int
) -> tuple[float, ReverbTarget] | None:
    """Error in dB of the sound in the pauses, and the reverb with its loudness; None for no reverb.

    The ratio of the sound in the pauses (p) to the sound outside the pauses (a) is ``(D_p + k W_p)
    / (D_a + k W_a)``, where D is the dry power and W is the wet power. The ratio is measured in the
    reference, and the equation is then solved for k.
    """
    response = impulse_response(replace(shape, dry_wet=1.0), sample_rate).copy()
    response[:, 0] = 0  # the direct sound
    meter = PowerMeter(sample_rate, vocal.shape[1])
    middle = vocal.mean(axis=0, keepdims=True)
    for _, piece in convolved_pieces(middle, response[:, None]):
        meter.add(piece)
    wet = meter.block_powers()
    sounds = sounding_blocks(dry)
    if sounds.all() or not wet.any():
        return None
    ratio = heard[~sounds].sum() / heard[sounds].sum()
    missing = ratio * dry[sounds].sum() - dry[~sounds].sum()
    share = missing / (wet[~sounds].sum() - ratio * wet[sounds].sum())
    if not share > 0:
        return None
    level_lu = relative_lu_of_powers(share * wet, dry)
    if level_lu < FAINTEST_REVERB_LU:
        return None
    ours = dry + share * wet
    scale = heard[sounds].sum() / ours[sounds].sum()
    floor = heard.max() * 1e-7
    pauses = ~sounds & (heard > floor)
    missed_db = 10 * np.log10((scale * ours[pauses] + floor) / heard[pauses])
    target = ReverbTarget(shape, min(level_lu, LOUDEST_REVERB_LU))
    return float(np.abs(missed_db).mean()) if pauses.any() else 0.0, target
