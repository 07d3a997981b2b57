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
    """Right answers in ABX or triangle trials; d' is None if it is infinite.

    For ABX trials, `d_prime` assumes independent observations, and `d_prime_differencing` assumes
    differencing. For triangle trials, both values of d' assume differencing.
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
    """Upper bound, with 95 % confidence, of the share of listeners who hear a pair's difference.

    A listener is said to hear the difference if the listener recognises it in at least a share
    `hears` of all trials.
    """

    at_most: P
    hears: P


@dataclass(frozen=True)
class PairToldApart(ToldApart, PairNames):
    """Trials of one pair; the 95 % bound of the share who hear is valid for this pair alone."""

    p_holm: P
    heard_by: HeardBy


@dataclass(frozen=True)
class OfParticipant:
    """Number of right and wrong answers of one participant."""

    participant: str


@dataclass(frozen=True)
class ParticipantToldApart(ToldApart, OfParticipant):
    """ABX or triangle trials of one participant."""


@dataclass(frozen=True, slots=True)
class RightOdds(PairNames):
    """Log odds and probability of right answers to a pair; p: one-sided, against guessing."""

    estimate: Number
    se: Number
    right: P
    p: P


@dataclass(frozen=True, slots=True)
class RightLogit(Section):
    """Mixed logit model of right answers, with random listeners and songs.

    `left_out` lists the pairs for which all answers are the same. The model does not contain the
    trials of the pairs in `left_out`.
    """

    pairs: Sequence[RightOdds]
    sd_participant: Number
    sd_song: Number
    log_likelihood: Number
    left_out: Sequence[PairNotEstimable] = ()


@dataclass(frozen=True, slots=True)
class Abx(TrialCounts):
    """Results of ABX or triangle trials; `chance` is the probability of a right guess.

    `heard_by` is the bound if there is only one pair. If there are several pairs, `heard_by` is the
    reason why there is no bound. A common bound of several pairs would be valid for none of them.
    """

    chance: P

    overall: ToldApart
    heard_by: HeardBy | NotEstimable
    mixed_logit: RightLogit | NotEstimable
    pairs: Sequence[PairToldApart]
    participants: Sequence[ParticipantToldApart]
