"""The rule-based mixing system: Li's (2022) baseline, and a corrected form of it.

Both profiles have four stages: equalisation by spectral masking, compression to a loudness range,
reverb with a decay that depends on the tempo, and a constant level of the vocal. ``corrected`` also
compresses to a crest factor. Inputs and targets of the rules differ between the two profiles. The
constants of the baseline are in :mod:`mixing.profiles` and in this file.
``docs/reverb-and-rules.md`` explains the values of the constants.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mixing.audio import Audio, Song
from mixing.chain import run_chain
from mixing.decisions import WHOLE, Amounts
from mixing.meters.dynamics import crest_db
from mixing.parameters import CompressionTarget, EqBand, Mix, ReverbParameters, ReverbTarget
from mixing.profiles import Profile
from mixing.rules.masking import masking_decision
from mixing.rules.tempo import fade_in_s, reverb_time_s, tempo_bpm
from mixing.systems.base import SystemSettings

NAME = "baseline"

# Means of the reverb parameters that Li (2022) fitted to 100 training songs of MUSDB18-HQ.
LI2022_DRY_WET = 0.11475
LI2022_FADE_IN_S = 0.677
# the mean room size of Li (2022) is 14.55, but the plug-in has only integers
LI2022_ROOM_SIZE = 15.0
LI2022_SHELVES = {
    "low_shelf_frequency_hz": 101.77,
    "low_shelf_gain_db_per_s": -2.13,
    "low_shelf_q": 0.527,
    "high_shelf_frequency_hz": 11858.5,
    "high_shelf_gain_db_per_s": -16.02,
    "high_shelf_q": 0.771,
}


@dataclass(frozen=True, slots=True)
class BaselineSystem:
    """A system that mixes by rules; the same song always gives the same mix."""

    profile: Profile
    amounts: Amounts = WHOLE

    def mix(self, song: Song) -> Mix:
        """Return the mix of ``song``. Raise ``AudioError`` if the song cannot be mixed."""
        # Li (2022) sets the balance before the first decision, because the masking rule uses
        # absolute levels.
        first_lu = self.profile.relative_loudness_lu if self.profile.name == "li2022" else None
        decisions = BaselineDecisions(self.profile)
        return run_chain(song, decisions, NAME, self.profile, first_lu, self.amounts)


def create(settings: SystemSettings) -> BaselineSystem:
    """Baseline with the profile of ``settings``; it uses no random numbers and no reference."""
    return BaselineSystem(settings.profile, settings.amounts)


@dataclass(slots=True)
class BaselineDecisions:
    """Decisions by rules for a song, and the measurements on which the decisions are based."""

    profile: Profile
    _facts: dict[str, float] = field(default_factory=dict)

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """Up to four bands, which reduce the masking of the vocal by the backing."""
        decision = masking_decision(vocal, backing, sample_rate, self.profile)
        self._facts["masking_before_db"] = decision.masking_before_db
        self._facts["masking_after_db"] = decision.masking_after_db
        return decision.bands

    def choose_compression(
        self,
        vocal: Audio,
        backing: Audio,
        sample_rate: int,
    ) -> CompressionTarget:
        """Target loudness range of the profile; in ``corrected`` also a target crest factor."""
        if self.profile.crest_floor_db is None:
            return CompressionTarget(self.profile.lra_target_lu)
        target_db = self.profile.crest_target_db(crest_db(vocal, sample_rate))
        return CompressionTarget(self.profile.lra_target_lu, target_db)

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | ReverbTarget:
        """Reverb: decay from the tempo; amount constant (``li2022``) or from a target loudness."""
        tempo = tempo_bpm(backing, sample_rate)
        if tempo is not None:
            self._facts["tempo_bpm"] = tempo
        repeats = self.profile.name == "li2022"
        parameters = ReverbParameters(
            dry_wet=LI2022_DRY_WET,
            reverb_time_s=reverb_time_s(tempo, self.profile),
            fade_in_s=LI2022_FADE_IN_S if repeats else fade_in_s(tempo),
            room_size=LI2022_ROOM_SIZE,
            **LI2022_SHELVES,
        )
        target_lu = self.profile.relative_reverb_loudness_lu
        if target_lu is None:
            return parameters
        return ReverbTarget(parameters, target_lu, held=True)

    def choose_relative_loudness(
        self,
        vocal: Audio,
        backing: Audio,
        sample_rate: int,
    ) -> float:
        """Balance that the profile states, in LU."""
        return self.profile.relative_loudness_lu

    def facts(self) -> dict[str, float]:
        """Tempo (if there is one), and masking before and after equalisation, for the report."""
        return dict(self._facts)
