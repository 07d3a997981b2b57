"""How much of a system's decisions is applied: for each stage, a share from 0 to 1.

A stage with a share of 0 changes nothing. A stage with a share of 1 works exactly as the system
decided. The share multiplies the gains of an equaliser, the changes of a vocal's loudness range and
crest factor, and the change of the balance, all in dB or LU. If the settings of a compressor are
given, a smaller share lowers the slope of the compressor and leaves its threshold unchanged.
Reverberation is attenuated by ``20 log10(share)`` dB. If the user requests a balance, it replaces
the balance that the system chose.
"""

from __future__ import annotations

import math
from dataclasses import replace

from mixing.audio import Audio
from mixing.decisions import Amounts, Decisions, ExplainedDecisions
from mixing.effects.compressor import profile_range_lu
from mixing.effects.level import relative_loudness_lu
from mixing.meters.dynamics import crest_db
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    ReverbParameters,
    ReverbTarget,
)
from mixing.profiles import Profile


class PartDecisions:
    """Decisions of a system, each applied according to its share (see the module's docstring)."""

    def __init__(self, decisions: Decisions, amounts: Amounts, profile: Profile) -> None:
        self._decisions = decisions
        self._amounts = amounts
        self._profile = profile
        self._balance_lu: float | None = None

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """The equaliser's gains times the share; the method also stores the stems' balance."""
        self._balance_lu = relative_loudness_lu(vocal, backing, sample_rate)
        bands = self._decisions.choose_eq(vocal, backing, sample_rate)
        share = self._amounts.eq
        return tuple(replace(band, gain_db=share * band.gain_db) for band in bands if share > 0)

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget | CompressionSettings | None:
        """The changes of loudness range and crest factor (or the slope), times the share."""
        choice = self._decisions.choose_compression(vocal, backing, sample_rate)
        share = self._amounts.compression
        if choice is None or share == 0:
            return None
        if share == 1:
            return choice
        if isinstance(choice, CompressionSettings):
            return replace(choice, ratio=1 / (1 - share * (1 - 1 / max(choice.ratio, 1.0))))
        range_lu = profile_range_lu(vocal, sample_rate, self._profile)
        target = replace(choice, lra_lu=_part_way(range_lu, choice.lra_lu, share))
        if choice.crest_db is None:
            return target
        crest = crest_db(vocal, sample_rate)
        return replace(target, crest_db=_part_way(crest, choice.crest_db, share))

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | ReverbTarget | None:
        """Reverberation attenuated by ``20 log10(share)`` dB; none if the share is 0."""
        choice = self._decisions.choose_reverb(vocal, backing, sample_rate)
        share = self._amounts.reverb
        if choice is None or share == 0:
            return None
        if isinstance(choice, ReverbTarget):
            softer_lu = choice.relative_loudness_lu + 20 * math.log10(share)
            return replace(choice, relative_loudness_lu=softer_lu)
        wet = choice.dry_wet
        return replace(choice, dry_wet=share * wet / (1 - wet + share * wet) if wet > 0 else 0.0)

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """Balance in LU; the share sets where it is between the stems' and the decided balance."""
        chosen_lu = self._amounts.balance_lu
        if chosen_lu is None:
            chosen_lu = self._decisions.choose_relative_loudness(vocal, backing, sample_rate)
        if self._balance_lu is None:
            return chosen_lu
        return self._balance_lu + self._amounts.level * (chosen_lu - self._balance_lu)

    def facts(self) -> dict[str, float]:
        """Measurements on which the decisions were based; empty if none are reported."""
        decisions = self._decisions
        return decisions.facts() if isinstance(decisions, ExplainedDecisions) else {}


def _part_way(now: float, wanted: float, share: float) -> float:
    """Value between ``now`` and ``wanted``, by ``share``; ``wanted`` if ``now`` ≤ ``wanted``."""
    return now + share * (wanted - now) if now > wanted else wanted
