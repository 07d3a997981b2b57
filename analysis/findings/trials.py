"""What was chosen and what was told apart: preference and ABX, one record a part and attribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.findings.sections import Count, NotEstimable, Number, P, PairNames, Section


@dataclass(frozen=True, slots=True)
class TrialCounts:
    """Trials of a part and attribute."""

    part: str
    attribute: str
    n_trials: Count
    n_participants: Count
    n_songs: Count


@dataclass(frozen=True, slots=True)
class Wins:
    """How often a system was preferred to each of `systems`; a tie counts half."""

    system: str
    won: Sequence[Number]
    total: Number


@dataclass(frozen=True, slots=True)
class PreferredPair:
    """Share of the choices that a won, with its interval and a test over participants."""

    a: str
    b: str
    n: Number
    n_participants: Count
    n_ties: Count
    won_a: Number
    won_b: Number
    share: P
    ci_low: P
    ci_high: P
    p: P
    p_holm: P
    method: str


@dataclass(frozen=True, slots=True)
class Strength:
    """A system's strength in log odds, mean zero."""

    system: str
    strength: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class StrengthDifference:
    """Log odds and chance that a is preferred to b."""

    a: str
    b: str
    estimate: Number
    ci_low: Number
    ci_high: Number
    win_probability: P
    win_low: P
    win_high: P


@dataclass(frozen=True, slots=True)
class StrengthFit:
    """Test of the model; p is NaN with two systems."""

    deviance: Number
    df: Number
    p: P


@dataclass(frozen=True, slots=True)
class BradleyTerry(Section):
    """Strengths behind the choices."""

    strengths: Sequence[Strength]
    pairs: Sequence[StrengthDifference]
    fit: StrengthFit


@dataclass(frozen=True, slots=True)
class Consistency:
    """Kendall's zeta over complete rounds."""

    n_rounds: Count
    zeta: Number


@dataclass(frozen=True, slots=True)
class Preference(TrialCounts):
    """Who is preferred to whom."""

    systems: Sequence[str]
    n_ties: Count
    wins: Sequence[Wins]
    pairs: Sequence[PreferredPair]
    bradley_terry: BradleyTerry | NotEstimable
    consistency: Consistency


@dataclass(frozen=True)
class ToldApart:
    """Right answers of ABX trials; d' is None where it is infinite."""

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


@dataclass(frozen=True)
class PairToldApart(ToldApart, PairNames):
    """ABX trials of one pair."""

    p_holm: P


@dataclass(frozen=True)
class OfParticipant:
    """What is one participant's."""

    participant: str


@dataclass(frozen=True)
class ParticipantToldApart(ToldApart, OfParticipant):
    """ABX trials of one participant."""


@dataclass(frozen=True, slots=True)
class Abx(TrialCounts):
    """What can be told apart."""

    overall: ToldApart
    pairs: Sequence[PairToldApart]
    participants: Sequence[ParticipantToldApart]


@dataclass(frozen=True, slots=True)
class Trials:
    """Choices between mixes."""

    preference: Sequence[Preference] = ()
    abx: Sequence[Abx] = ()
