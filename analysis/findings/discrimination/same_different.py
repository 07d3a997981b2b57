"""Results of trials in which two recordings are either the same or different."""

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
    """Share of pairs of one kind that were called different, with limits by Clopper and Pearson."""

    n: Count
    n_different: Count
    share: P
    ci_low: P
    ci_high: P


@dataclass(frozen=True)
class ToldSame:
    """Answers "different" to different pairs (hits) and to same pairs (false alarms).

    `p` is exact, given each participant's number of answers "different". The null hypothesis of `p`
    is that hits are not more frequent than false alarms. The value of d' is that of the
    differencing model. The value of d' is None if it has no limit, or if one of the two kinds of
    pairs was not presented.
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
    """Bound, if listeners who hear no difference say "different" equally often to all pairs.

    `guessed` is the lower limit of the share of answers "different" to same pairs. The bound is
    computed from `guessed`.
    """

    guessed: P


@dataclass(frozen=True)
class PairToldSame(ToldSame, PairNames):
    """Trials of one pair, and trials in which one of its two systems was played twice.

    The bound on the share of listeners who hear has 95 % confidence for this pair alone.
    """

    p_holm: P
    heard_by: HeardBeyondFalseAlarms | NotEstimable


@dataclass(frozen=True)
class ParticipantToldSame(ToldSame, OfParticipant):
    """Same-different trials of one participant."""


@dataclass(frozen=True, slots=True)
class DifferentOdds(PairNames):
    """Log odds ratio of "different" for one pair against same pairs; p is one-sided, against 0.

    `said` is the probability of "different" for the pair.
    """

    estimate: Number
    se: Number
    said: P
    p: P


@dataclass(frozen=True, slots=True)
class DifferentLogit(Section):
    """Mixed logit model of the answer "different", with random listeners and songs.

    `false_alarms` is the probability of the answer "different" to a same pair. `left_out` are pairs
    whose answers were all alike. The different trials of the pairs in `left_out` are not in the
    model.
    """

    pairs: Sequence[DifferentOdds]
    false_alarms: P
    sd_participant: Number
    sd_song: Number
    log_likelihood: Number
    left_out: Sequence[PairNotEstimable] = ()


@dataclass(frozen=True, slots=True)
class SameDifferent(TrialCounts):
    """Results of same-different trials.

    `heard_by` is the bound of the pair if there is only one pair. A bound over several pairs would
    not be valid for any single pair.
    """

    overall: ToldSame
    heard_by: HeardBeyondFalseAlarms | NotEstimable
    mixed_logit: DifferentLogit | NotEstimable
    pairs: Sequence[PairToldSame]
    participants: Sequence[ParticipantToldSame]
