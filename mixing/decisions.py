"""The four decisions of a mixing system, in the order of the chain.

Conventions
-----------
Audio is float32 ``(2, n_samples)``, sample rates in Hz. The chain (:mod:`mixing.chain`) asks for
each decision just before the stage that needs it. The four decisions are the only difference
between systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from mixing.audio import Audio, AudioError
from mixing.parameters import (
    CompressionSettings,
    CompressionTarget,
    EqBand,
    MixParameters,
    ReverbParameters,
    ReverbTarget,
)


class Decisions(Protocol):
    """Decisions of a mixing system, in processing order.

    Each method gets the vocal after the earlier stages, the unprocessed backing (both (2,
    n_samples)) and the sample rate in Hz. The methods of a system are not called if the vocal is
    silent. The chain later overwrites the arrays, so a method must copy the data that it wants to
    keep.
    """

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """Peak filters for the vocal; an empty tuple leaves the vocal unchanged."""
        ...

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget | CompressionSettings | None:
        """Target loudness range, or fixed compressor settings, or None for no compression."""
        ...

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | ReverbTarget | None:
        """Reverb parameters, or parameters with a target loudness, or None for no reverb."""
        ...

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """Integrated loudness of the vocal relative to the backing, in LU."""
        ...


@runtime_checkable
class ExplainedDecisions(Protocol):
    """Decisions that can also report their reasons (tempo, masking before and after, …)."""

    def facts(self) -> dict[str, float]:
        """Measurements for the report's ``extra``; the method is called after all decisions."""
        ...


@dataclass(frozen=True, slots=True)
class FixedDecisions:
    """Decisions known in advance, because the user or the report of an earlier mix states them."""

    parameters: MixParameters

    def choose_eq(self, vocal: Audio, backing: Audio, sample_rate: int) -> tuple[EqBand, ...]:
        """The given bands."""
        return self.parameters.eq

    def choose_compression(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> CompressionTarget | CompressionSettings | None:
        """The given target of the compressor, or its given settings."""
        return self.parameters.compression

    def choose_reverb(
        self, vocal: Audio, backing: Audio, sample_rate: int
    ) -> ReverbParameters | None:
        """The given reverb."""
        return self.parameters.reverb

    def choose_relative_loudness(self, vocal: Audio, backing: Audio, sample_rate: int) -> float:
        """The given balance."""
        return self.parameters.relative_loudness_lu


STAGES = ("eq", "compression", "reverb", "level")
"""Stages of the chain that can be applied in part, in the order of the chain."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """For each stage, the share that is applied; ``AudioError`` if it is not between 0 and 1.

    A share of 0 for ``level`` keeps the balance of the files. ``balance_lu`` (loudness of the vocal
    minus loudness of the backing) replaces the balance that a system decides.
    """

    eq: float = 1.0
    compression: float = 1.0
    reverb: float = 1.0
    level: float = 1.0
    balance_lu: float | None = None

    def __post_init__(self) -> None:
        for stage in STAGES:
            share = getattr(self, stage)
            if not 0 <= share <= 1:
                raise AudioError(
                    f"The amount of {stage} is {share:g}; it must lie between 0 and 1."
                )

    @classmethod
    def of_stages(cls, shares: Mapping[str, float]) -> Amounts:
        """Share of each stage, by default 1. Raises ``AudioError`` for an unknown stage."""
        for stage, share in shares.items():
            if stage not in STAGES:
                raise AudioError(f"There is no stage {stage!r}; choose {', '.join(STAGES)}.")
            if isinstance(share, bool) or not isinstance(share, int | float):
                raise AudioError(f"The amount of {stage} must be a number, not {share!r}.")
        return cls(**shares)


WHOLE = Amounts()
