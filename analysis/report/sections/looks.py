"""Looks of researchers at the answers before the end: the key ``looks`` of the report.

If researchers stop a study as soon as its results look good, they find false positives too often.
With ten interim tests at 5 % each, 19 % of the studies find a difference that does not exist [1]_.

References
----------
.. [1] Armitage, McPherson & Rowe (1969), Repeated significance tests on accumulating data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import pandas as pd

from analysis.findings.pairs import Verdict
from analysis.findings.sections import Count, NotEstimable, Number, P, Section
from analysis.report.sections.plan import ContrastFound
from analysis.sequential.anytime import LEAST_N
from analysis.sequential.decide import sequential_finding
from analysis.sequential.plan import ALPHA, Look, SequentialPlan
from analysis.sequential.spending import SPENDING_NAMES
from analysis.statistics.equivalence import SEPARATE
from analysis.statistics.estimable import NotEstimableError

LOOK_WORDS = {
    "means": "means in the dashboard",
    "figures": "figures in the explorer",
    "choices": "choices in the dashboard",
    "report": "a report or an archive",
    "table": "a table of answers, downloaded or exported",
}
"""Subject of a look in words, by the kind under which the look is noted."""


@dataclass(frozen=True, slots=True)
class NotedLook:
    """A look of a researcher at the answers.

    ``kind`` is one of :data:`LOOK_WORDS`. ``n_listeners`` is the number of participants at the
    time, without simulated ones. ``is_blind`` is true if systems were shown as letters. ``status``
    says whether the study was ``open``, ``paused`` or ``closed``. ``at`` is the time of the look,
    ISO 8601 in UTC.
    """

    kind: str
    n_listeners: int
    is_blind: bool
    status: str
    at: str

    @property
    def is_interim(self) -> bool:
        """Whether more answers could still come after this look."""
        return self.status != "closed"


@dataclass(frozen=True, slots=True)
class Looking:
    """Everything that a report needs to know about looks at the answers before the end.

    ``noted`` lists the looks that the log recorded, oldest first; None if there is no log. A
    sequential plan hides the means; ``overruled_at`` is the time when somebody uncovered them
    nevertheless (None: nobody did). ``plan`` is the sequential plan, and ``is_closed`` is true if
    no more participants will come.
    """

    noted: tuple[NotedLook, ...] | None = None
    overruled_at: str | None = None
    plan: SequentialPlan | None = None
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class LookInWords:
    """A look in the log: what was looked at, and whether answers could still come afterwards."""

    kind: str
    n_listeners: Count
    is_blind: bool
    status: str
    at: str
    what: str
    is_interim: bool


@dataclass(frozen=True, kw_only=True)
class DeclaredLooks:
    """Planned interim analyses; the first is made as soon as there are ``least_n`` participants."""

    kind: Literal["anytime", "declared"]
    spending: str | None
    sizes: Sequence[Count]
    least_n: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class UntestedLooks(DeclaredLooks, NotEstimable):
    """Planned interim analyses that cannot be computed from the ratings."""


@dataclass(frozen=True, slots=True)
class ContrastAtLook:
    """One contrast in one interim analysis; p and interval are adjusted for all such analyses."""

    a: str
    b: str
    estimate: Number
    ci_low: Number
    ci_high: Number
    p: P
    p_holm: P
    is_shown: bool


@dataclass(frozen=True, slots=True)
class LookFound:
    """Findings from the first ``n_listeners``, the last of whom finished at ``reached_at``."""

    n_listeners: Count
    reached_at: str
    contrasts: Sequence[ContrastAtLook]
    n_shown: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedLooks(DeclaredLooks, Section):
    """Planned interim analyses and their results."""

    __test__ = False  # to pytest

    decision: Literal["stop", "go on"]
    looks: Sequence[LookFound]
    n_finished: Count
    next_n: Count | None


Sequential = TestedLooks | UntestedLooks


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks at the answers before the end of the study.

    ``n_interim`` is the number of looks before the study was closed. ``n_sizes`` is the number of
    different numbers of participants at which somebody looked. ``n_uncovered`` is the number of
    looks in which the names of the systems were shown.
    """

    noted: Sequence[LookInWords]
    n_interim: Count
    n_sizes: Count
    n_uncovered: Count
    overruled_at: str | None
    sequential: Sequential | None


def looks_section(looking: Looking, sequential: Sequential | None) -> Looks | None:
    """Return the looks, each in words; None if nothing recorded the looks."""
    if looking.noted is None:
        return None
    interim = [each for each in looking.noted if each.is_interim]
    return Looks(
        noted=[
            LookInWords(**asdict(each), what=LOOK_WORDS[each.kind], is_interim=each.is_interim)
            for each in looking.noted
        ],
        n_interim=len(interim),
        n_sizes=len({each.n_listeners for each in interim}),
        n_uncovered=sum(not each.is_blind for each in interim),
        overruled_at=looking.overruled_at,
        sequential=sequential,
    )


def sequential_section(looking: Looking, rows: pd.DataFrame, df_method: str) -> Sequential | None:
    """Planned interim analyses with their results; None if none were planned.

    Parameters
    ----------
    looking
        With the plan.
    rows
        Rated rows of the primary attribute and of the compared systems, after exclusions.
    df_method
        Method for the mixed model's degrees of freedom.
    """
    plan = looking.plan
    if plan is None:
        return None
    declared = DeclaredLooks(
        kind="anytime" if plan.anytime else "declared",
        spending=SPENDING_NAMES.get(plan.spending),
        sizes=plan.sizes,
        least_n=LEAST_N if plan.anytime else plan.sizes[0],
    )
    try:
        found = sequential_finding(rows, plan, df_method, looking.is_closed)
    except NotEstimableError as error:
        return UntestedLooks(why=str(error), **asdict(declared))
    return TestedLooks(
        **asdict(declared),
        decision=found.decision,
        looks=[_found(look) for look in found.looks],
        n_finished=found.n_finished,
        next_n=found.next_n,
    )


def _found(look: Look) -> LookFound:
    contrasts = [ContrastAtLook(**asdict(each), is_shown=each.is_shown) for each in look.contrasts]
    return LookFound(look.n_listeners, look.reached_at, contrasts, look.n_shown)


def counted_for_looks(
    contrasts: Sequence[ContrastFound], sequential: Sequential | None
) -> Sequence[ContrastFound]:
    """Declared contrasts, with p-values that stay valid whenever the study stopped.

    With planned interim analyses, p is adjusted for all of them together. With `anytime`, p of the
    mixed model must be significant as well, because the confidence sequence is only about the songs
    of the study. A difference counts only if the confidence sequence and the mixed model both find
    it significant.

    Parameters
    ----------
    contrasts
        Of :func:`analysis.report.sections.plan.contrasts_of`.
    sequential
        Of :func:`sequential_section`.
    """
    if not isinstance(sequential, TestedLooks) or not sequential.looks:
        return contrasts
    last = {frozenset((row.a, row.b)): row for row in sequential.looks[-1].contrasts}
    with_model = sequential.kind == "anytime"
    looked_at = [(row, last.get(frozenset((row.a, row.b)))) for row in contrasts]
    return [row if look is None else _counted(row, look, with_model) for row, look in looked_at]


def _counted(row: ContrastFound, look: ContrastAtLook, with_model: bool) -> ContrastFound:
    p_holm = max(look.p_holm, row.p_holm) if with_model else look.p_holm
    is_shown = look.is_shown and p_holm < ALPHA
    said = row.verdict
    if said in SEPARATE and not is_shown:
        said = Verdict.EQUIVALENT if said == Verdict.TRIVIAL else Verdict.INCONCLUSIVE
    elif said not in SEPARATE and is_shown:
        said = Verdict.TRIVIAL if said == Verdict.EQUIVALENT else Verdict.DIFFERENT
    return replace(row, p=look.p, p_holm=p_holm, verdict=said)
