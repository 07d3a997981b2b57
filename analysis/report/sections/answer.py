"""Results of the report that are not tests: the answer to its question, and the answer's limits.

Each difference is ``higher`` minus ``lower``, so it is never negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from analysis.findings.attribute import Attribute
from analysis.findings.described import SystemDescription
from analysis.findings.models import MarginalMean
from analysis.findings.pairs import Verdict
from analysis.findings.primary import (
    AttributeFindings,
    PrimaryPair,
    primary_means,
    primary_pairs,
    sets_of,
)
from analysis.findings.sections import (
    Count,
    NotEstimable,
    Number,
    P,
    PairNames,
    Section,
    estimated,
    rows_of,
)
from analysis.statistics.equivalence import SEPARATE, verdict_counts


@dataclass(frozen=True, slots=True)
class SystemMean:
    """Mean of a system with 95 % interval, in points."""

    system: str
    mean: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class Difference:
    """Difference between two systems, in points."""

    higher: str
    lower: str
    difference: Number
    ci_low: Number
    ci_high: Number
    p_holm: P
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class PairCounts:
    """For each verdict, the number of pairs that have it."""

    pairs: Count
    different: Count
    equivalent: Count
    inconclusive: Count


@dataclass(frozen=True, slots=True)
class RatedOn:
    """A system that was rated on only ``n`` of ``of`` songs, or by only ``n`` of ``of`` people."""

    system: str
    n: Count
    of: Count


@dataclass(frozen=True, slots=True)
class GroupWithout:
    """A listener group and a system that nobody in the group rated."""

    group: str
    system: str


@dataclass(frozen=True, slots=True)
class AlwaysRated:
    """A system whose ratings are all equal; the rating is in points."""

    system: str
    rating: Number


@dataclass(frozen=True, slots=True)
class Answer(Section):
    """Results about the systems, for one attribute.

    ``means`` are in the order of display. ``apart`` has the participants' mean ratings of the
    reference and the anchors, if these are not compared. ``leaders`` are the system with the
    highest mean and all systems that do not differ significantly from this system in the primary
    analysis, by decreasing mean. ``others`` are the other systems. ``clear_cut`` is true if every
    leader differs from every system in ``others``, and the leaders do not differ from each other.
    ``top_pair`` is the index of the pair that consists of the two systems with the highest means.
    ``between_people`` lists pairs of systems that no participant rated both. If no participant
    rated both systems of a pair, the ratings of different people are compared. ``between_songs``
    lists pairs of systems that were never rated on the same song. ``few_songs`` are systems rated
    on fewer songs than another system. ``few_participants`` are systems rated by fewer than half as
    many participants as another system. ``constant`` are systems whose ratings are all equal.
    ``unheard`` lists pairs of a listener group and a system that nobody in the group rated.
    ``sets`` are the sets of systems that remain unconnected: no chain of shared participants leads
    from one set to another. Systems of different sets are not compared.
    """

    means_from: str
    pairs_from: str | None
    means: Sequence[SystemMean]
    apart: Sequence[SystemMean]
    leaders: Sequence[str]
    others: Sequence[str]
    clear_cut: bool
    pairs: Sequence[Difference]
    top_pair: int | None
    counts: PairCounts
    between_people: Sequence[PairNames]
    between_songs: Sequence[PairNames]
    few_songs: Sequence[RatedOn]
    few_participants: Sequence[RatedOn]
    constant: Sequence[AlwaysRated]
    unheard: Sequence[GroupWithout]
    sets: Sequence[Sequence[str]]


class BetweenWhat:
    """Pairs, for each attribute, that compare ratings of different people or of different songs.

    Parameters
    ----------
    answers
        Of the attributes.
    """

    def __init__(self, answers: Mapping[str, Answer | NotEstimable]) -> None:
        self._pairs = {
            name: {
                what: {frozenset((row.a, row.b)) for row in rows}
                for what, rows in (
                    ("people", answer.between_people), ("songs", answer.between_songs)
                )
            }
            for name, answer in answers.items()
            if not isinstance(answer, NotEstimable)
        }  # fmt: skip

    def of(self, name: str, one: str, other: str) -> list[str]:
        """Whether a pair compares different people, different songs, both or neither."""
        pair = frozenset((one, other))
        return [what for what, pairs in self._pairs.get(name, {}).items() if pair in pairs]


def answer_of(
    section: AttributeFindings,
    systems: Sequence[str],
    left_out: Sequence[str],
    apart: Sequence[str] = (),
) -> Answer | NotEstimable:
    """Results about the systems, for one attribute.

    Parameters
    ----------
    section
        Findings of the attribute.
    systems
        Systems that are compared, in the order of display.
    left_out
        Reference and anchors among the compared systems; none of them is called the best system.
    apart
        References and anchors that are shown and not compared.
    """
    if isinstance(section, NotEstimable):
        return NotEstimable(section.why)
    source, rows = primary_means(section)
    by_system = {row.system: row for row in rows}
    means = _means(by_system, systems)
    if not means:
        return NotEstimable(_why(section))
    origin, pairs = primary_pairs(section)
    turned = [_turned(pair) for pair in pairs]
    ranked = sorted(
        (row.system for row in means if row.system not in left_out),
        key=lambda name: -by_system[name].mean,
    )
    verdicts = {frozenset((row.higher, row.lower)): row.verdict for row in turned}

    def are_separate(one: str, other: str) -> bool:
        return verdicts.get(frozenset((one, other))) in SEPARATE

    leaders = [name for name in ranked if name == ranked[0] or not are_separate(ranked[0], name)]
    others = [name for name in ranked if name not in leaders]
    described = [row for row in rows_of(section.descriptives) if row.group is None]
    return Answer(
        means_from=source,
        pairs_from=origin or None,
        means=means,
        apart=_means({row.system: row for row in described}, apart),
        leaders=leaders,
        others=others,
        clear_cut=all(are_separate(leader, other) for leader in leaders for other in others)
        and not any(are_separate(*two) for two in combinations(leaders, 2)),
        pairs=turned,
        top_pair=_index_of(turned, ranked[:2]),
        counts=PairCounts(len(turned), **verdict_counts(row.verdict for row in turned)),
        between_people=between_people(section),
        between_songs=between_songs(section),
        few_songs=_few_songs(section, [row.system for row in means]),
        few_participants=_few_participants(described, [row.system for row in means]),
        constant=[
            AlwaysRated(row.system, row.min)
            for row in described
            if row.system in by_system and row.n_ratings > 1 and row.min == row.max
        ],
        unheard=_unheard(section, [row.system for row in means]),
        sets=sets_of(section),
    )


def _means(
    by_system: Mapping[str, MarginalMean | SystemDescription], systems: Sequence[str]
) -> list[SystemMean]:
    known = [by_system[name] for name in systems if name in by_system]
    return [SystemMean(row.system, row.mean, row.ci_low, row.ci_high) for row in known]


def between_people(section: Attribute) -> list[PairNames]:
    """Pairs of systems that are compared although nobody rated both systems."""
    graph = estimated(section.overlap)
    return _compared(graph.between_people if graph else (), section)


def between_songs(section: Attribute) -> list[PairNames]:
    """Pairs of systems that are compared although they were never rated on the same song."""
    graph = estimated(section.overlap)
    return _compared(graph.between_songs if graph else (), section)


def _compared(pairs: Sequence[PairNames], section: Attribute) -> list[PairNames]:
    compared = {frozenset((row.a, row.b)) for row in primary_pairs(section)[1]}
    return [row for row in pairs if {row.a, row.b} in compared]


def _few_songs(section: Attribute, systems: Sequence[str]) -> list[RatedOn]:
    """Systems rated on fewer songs than another system."""
    songs: dict[str, set[str]] = {name: set() for name in systems}
    for row in rows_of(section.songs):
        if row.system in songs:
            songs[row.system].add(row.song)
    most, of = max(map(len, songs.values()), default=0), len(set().union(*songs.values()))
    return [RatedOn(name, len(own), of) for name, own in songs.items() if len(own) < most]


def _few_participants(
    described: Sequence[SystemDescription], systems: Sequence[str]
) -> list[RatedOn]:
    """Systems rated by fewer than half as many participants as another system."""
    counts = {row.system: row.n_participants for row in described if row.system in systems}
    most = max(counts.values(), default=0)
    return [RatedOn(name, n, most) for name, n in counts.items() if 2 * n < most]


def _unheard(section: Attribute, systems: Sequence[str]) -> list[GroupWithout]:
    """Listener groups, each with a system that nobody in the group rated."""
    heard = {(row.group, row.system) for row in rows_of(section.descriptives) if row.n_ratings}
    groups = sorted({group for group, _ in heard if group is not None})
    pairs = product(groups, systems)
    return [GroupWithout(*each) for each in pairs if each not in heard]


def _turned(pair: PrimaryPair) -> Difference:
    if pair.estimate < 0:
        ends = (pair.b, pair.a, -pair.estimate, -pair.ci_high, -pair.ci_low)
    else:
        ends = (pair.a, pair.b, abs(pair.estimate), pair.ci_low, pair.ci_high)
    return Difference(*ends, pair.p_holm, pair.verdict)


def _index_of(pairs: Sequence[Difference], names: Sequence[str]) -> int | None:
    wanted = set(names)
    return next((i for i, row in enumerate(pairs) if {row.higher, row.lower} == wanted), None)


def _why(section: Attribute) -> str:
    for part in (section.model(), section.descriptives):
        if isinstance(part, NotEstimable):
            return part.why
    return "there are no ratings of this attribute"
