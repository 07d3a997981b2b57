"""Results of trials in which two recordings are the same or different."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.findings.discrimination.told_apart import HeardBy, OfParticipant
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


@dataclass(frozen=True, slots=True)
class SaidDifferent:
    """Share of pairs of one kind that were called different; limits by Clopper and Pearson."""

    n: Count
    n_different: Count
    share: P
    ci_low: P
    ci_high: P


@dataclass(frozen=True)
class ToldSame:
    """Answers to different pairs (hits) and to same ones (false alarms).

    `p` is the exact one that hits are no more frequent than false alarms, given each participant's
    number of "different". d' is that of the differencing model; None if it has no limit, or one
    of the two kinds of pairs did not come.
    """

    hits: SaidDifferent
    false_alarms: SaidDifferent
    p: P
    n_participants: Count
    d_prime: float | None
    d_prime_low: float | None
    d_prime_high: float | None


@dataclass(frozen=True, slots=True)
class HeardBeyondFalseAlarms(HeardBy):
    """The bound, if the other listeners call different pairs different as often as same ones.

    `guessed` is the lower limit of that share, from which the bound is worked out.
    """

    guessed: P


@dataclass(frozen=True)
class PairToldSame(ToldSame, PairNames):
    """Trials of one pair, and those in which one of the two was played twice.

    Its bound on the share who hear has 95 % confidence by itself.
    """

    p_holm: P
    heard_by: HeardBeyondFalseAlarms | NotEstimable


@dataclass(frozen=True)
class ParticipantToldSame(ToldSame, OfParticipant):
    """Trials of one participant."""


@dataclass(frozen=True, slots=True)
class DifferentOdds(PairNames):
    """Log odds ratio of "different" to one pair against same pairs; p is one-sided, of none.

    `said` is the probability of "different" for the pair.
    """

    estimate: Number
    se: Number
    said: P
    p: P


@dataclass(frozen=True, slots=True)
class DifferentLogit(Section):
    """Mixed logit of "different", with random listeners and songs.

    `false_alarms` is the chance of "different" to a same pair; `left_out` are pairs whose answers
    were all alike: their different trials are not in the model.
    """

    pairs: Sequence[DifferentOdds]
    false_alarms: P
    sd_participant: Number
    sd_song: Number
    log_likelihood: Number
    left_out: Sequence[PairNotEstimable] = ()


@dataclass(frozen=True, slots=True)
class SameDifferent(TrialCounts):
    """Discrimination in same-different trials.

    `heard_by` is that of the pair if there is a single one: a bound over several pairs would not be
    valid for any of them.
    """

    overall: ToldSame
    heard_by: HeardBeyondFalseAlarms | NotEstimable
    mixed_logit: DifferentLogit | NotEstimable
    pairs: Sequence[PairToldSame]
    participants: Sequence[ParticipantToldSame]
