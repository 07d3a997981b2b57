"""Results of trials with two recordings, which are either the same or different."""

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
    """Share of answers "different" to one kind of pairs, with limits of Clopper and Pearson."""

    n: Count
    n_different: Count
    share: P
    ci_low: P
    ci_high: P


@dataclass(frozen=True)
class ToldSame:
    """Answers "different" to different pairs (hits) and to same pairs (false alarms).

    `p` is exact, given how often each participant answered "different". The null hypothesis of `p`
    is that hits are not more frequent than false alarms. The value of d' is valid under the
    differencing model. The value of d' is None if it is infinite, or if one of the two kinds of
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
    """Bound, if listeners who hear nothing say "different" equally often to all pairs.

    `guessed` is the lower confidence limit of the share of answers "different" to same pairs. The
    bound is computed from `guessed`.
    """

    guessed: P


@dataclass(frozen=True)
class PairToldSame(ToldSame, PairNames):
    """Trials with both systems of a pair, and trials in which one of the two was played twice.

    The bound of the share who hear has a confidence of 95 % for this pair only, not for several
    pairs together.
    """

    p_holm: P
    heard_by: HeardBeyondFalseAlarms | NotEstimable


@dataclass(frozen=True)
class ParticipantToldSame(ToldSame, OfParticipant):
    """Same-different trials of one participant."""


@dataclass(frozen=True, slots=True)
class DifferentOdds(PairNames):
    """Log odds ratio of "different": one pair against same pairs; p is one-sided, against 0.

    `said` is the probability of the answer "different" to the pair.
    """

    estimate: Number
    se: Number
    said: P
    p: P


@dataclass(frozen=True, slots=True)
class DifferentLogit(Section):
    """Mixed logit model of the answer "different", with random listeners and songs.

    `false_alarms` is the probability of the answer "different" to a same pair. `left_out` lists the
    pairs for which all answers are the same. The model does not contain the different trials of the
    pairs in `left_out`.
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

    `heard_by` is the bound if there is only one pair. If there are several pairs, `heard_by` is the
    reason why there is no bound. A common bound of several pairs would be valid for none of them.
    """

    overall: ToldSame
    heard_by: HeardBeyondFalseAlarms | NotEstimable
    mixed_logit: DifferentLogit | NotEstimable
    pairs: Sequence[PairToldSame]
    participants: Sequence[ParticipantToldSame]
