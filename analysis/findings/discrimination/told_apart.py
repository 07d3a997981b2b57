"""Results of trials in which an answer is right or wrong: ABX and triangle trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.findings.sections import (
    Count,
    NotEstimable,
    Number,
    P,
    PairNames,
    PairNotEstimable,
    Section,
    TrialCounts,
)


@dataclass(frozen=True)
class ToldApart:
    """Right answers of ABX or triangle trials; d' is None if it is infinite.

    `d_prime` of ABX is by independent observations, `d_prime_differencing` by differencing; of
    triangle trials both are by differencing.
    """

    n: Count
    n_right: Count
    share: P
    ci_low: P
    ci_high: P
    p: P
    n_participants: Count
    d_prime: float | None
    d_prime_low: float | None
    d_prime_high: float | None
    d_prime_differencing: float | None


@dataclass(frozen=True, slots=True)
class HeardBy:
    """Upper bound of the share of listeners who hear a pair's difference, with 95 % confidence.

    A listener hears the difference if they know the answer on at least the share `hears` of
    occasions.
    """

    at_most: P
    hears: P


@dataclass(frozen=True)
class PairToldApart(ToldApart, PairNames):
    """Trials of one pair; its bound on the share who hear has 95 % confidence by itself."""

    p_holm: P
    heard_by: HeardBy


@dataclass(frozen=True)
class OfParticipant:
    """Answers of one participant."""

    participant: str


@dataclass(frozen=True)
class ParticipantToldApart(ToldApart, OfParticipant):
    """Trials of one participant."""


@dataclass(frozen=True, slots=True)
class RightOdds(PairNames):
    """Log odds of a right answer to one pair, and the chance of it; p is one-sided, of guessing."""

    estimate: Number
    se: Number
    right: P
    p: P


@dataclass(frozen=True, slots=True)
class RightLogit(Section):
    """Mixed logit of right answers, with random listeners and songs.

    `left_out` are pairs whose answers were all alike: their trials are not in the model.
    """

    pairs: Sequence[RightOdds]
    sd_participant: Number
    sd_song: Number
    log_likelihood: Number
    left_out: Sequence[PairNotEstimable] = ()


@dataclass(frozen=True, slots=True)
class Abx(TrialCounts):
    """Discrimination, in ABX or triangle trials; `chance` is that of a right guess.

    `heard_by` is that of the pair if there is a single one: a bound over several pairs would not be
    valid for any of them.
    """

    chance: P

    overall: ToldApart
    heard_by: HeardBy | NotEstimable
    mixed_logit: RightLogit | NotEstimable
    pairs: Sequence[PairToldApart]
    participants: Sequence[ParticipantToldApart]
