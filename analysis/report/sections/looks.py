"""Who looked at the answers before the end, and when: the key ``looks`` of the report.

Whoever looks and stops when it looks good finds differences that are not there: with ten looks at
5 % each, in 19 % of studies without any difference [1]_.

References
----------
.. [1] Armitage, McPherson & Rowe (1969), Repeated significance tests on accumulating data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analysis.findings.pairs import Verdict
from analysis.sequential.anytime import LEAST_N
from analysis.sequential.decide import sequential_finding
from analysis.sequential.plan import ALPHA, SequentialPlan
from analysis.sequential.spending import SPENDING_NAMES
from analysis.statistics.equivalence import SEPARATE
from analysis.statistics.estimable import NotEstimableError, not_estimable, plain

LOOK_WORDS = {
    "means": "means in the dashboard",
    "figures": "figures in the explorer",
    "choices": "choices in the dashboard",
    "report": "a report or an archive",
    "table": "a table of answers, downloaded or exported",
}
"""What was looked at, by the kind under which a look is noted."""


@dataclass(frozen=True, slots=True)
class NotedLook:
    """Something that a researcher saw of the answers.

    ``kind`` is one of :data:`LOOK_WORDS`, ``n_listeners`` counts real participants, ``is_blind``
    says whether systems were letters, ``status`` whether the study was ``open``, ``paused`` or
    ``closed``; ``at`` is ISO 8601 in UTC.
    """

    kind: str
    n_listeners: int
    is_blind: bool
    status: str
    at: str

    @property
    def is_interim(self) -> bool:
        """Whether further answers could still come."""
        return self.status != "closed"


@dataclass(frozen=True, slots=True)
class Looking:
    """Everything about looks that a report is told.

    ``noted`` are the looks of the log, oldest first (None: there is no log); ``overruled_at`` says
    when somebody uncovered means that a sequential plan hides (None: nobody did); ``plan`` is that
    plan, and ``is_closed`` says whether nobody else comes.
    """

    noted: tuple[NotedLook, ...] | None = None
    overruled_at: str | None = None
    plan: SequentialPlan | None = None
    is_closed: bool = True


def looks_section(looking: Looking, sequential: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the looks as JSON, each in words and with ``is_interim``; None: nobody noted any.

    ``n_interim`` counts those before the study was closed, ``n_sizes`` the numbers of listeners
    that they were at, ``n_uncovered`` those that showed names of systems.
    """
    if looking.noted is None:
        return None
    interim = [each for each in looking.noted if each.is_interim]
    return {
        "noted": [
            {**asdict(each), "what": LOOK_WORDS[each.kind], "is_interim": each.is_interim}
            for each in looking.noted
        ],
        "n_interim": len(interim),
        "n_sizes": len({each.n_listeners for each in interim}),
        "n_uncovered": sum(not each.is_blind for each in interim),
        "overruled_at": looking.overruled_at,
        "sequential": sequential,
    }


def sequential_section(
    looking: Looking, rows: pd.DataFrame, df_method: str
) -> dict[str, Any] | None:
    """Declared looks with what each of them says; None where none are declared.

    Parameters
    ----------
    looking
        With the plan.
    rows
        Rated rows of the attribute that answers and of the systems that are compared, after
        exclusions.
    df_method
        How the mixed model counts degrees of freedom.
    """
    plan = looking.plan
    if plan is None:
        return None
    declared = {
        "kind": "anytime" if plan.anytime else "declared",
        "spending": SPENDING_NAMES.get(plan.spending),
        "sizes": list(plan.sizes),
        "least_n": LEAST_N if plan.anytime else plan.sizes[0],
    }
    try:
        found = sequential_finding(rows, plan, df_method, looking.is_closed)
    except NotEstimableError as error:
        return declared | not_estimable(str(error))
    section: dict[str, Any] = plain(asdict(found))
    for row, look in zip(section["looks"], found.looks, strict=True):
        row["n_shown"] = look.n_shown
        for contrast, each in zip(row["contrasts"], look.contrasts, strict=True):
            contrast["is_shown"] = each.is_shown
    return declared | {"status": "ok", "decision": found.decision, **section}


def counted_for_looks(
    contrasts: Sequence[Mapping[str, Any]], sequential: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Declared contrasts with p-values that hold whenever the study stopped.

    With declared looks, p is that of all looks together. At any time, the mixed model's own must
    hold as well, since the confidence sequence speaks for these songs only. A difference that is
    not shown so is none.

    Parameters
    ----------
    contrasts
        Of :func:`analysis.report.sections.plan.contrasts_of`.
    sequential
        Of :func:`sequential_section`.
    """
    if not sequential or not sequential.get("looks"):
        return [dict(row) for row in contrasts]
    last = {frozenset((row["a"], row["b"])): row for row in sequential["looks"][-1]["contrasts"]}
    return [
        _counted(row, last.get(frozenset((row["a"], row["b"]))), sequential["kind"] == "anytime")
        for row in contrasts
    ]


def _counted(
    row: Mapping[str, Any], look: Mapping[str, Any] | None, with_model: bool
) -> dict[str, Any]:
    if look is None:
        return dict(row)
    p_holm = max(look["p_holm"], row["p_holm"]) if with_model else look["p_holm"]
    is_shown = look["is_shown"] and p_holm < ALPHA
    said = row["verdict"]
    if said in SEPARATE and not is_shown:
        said = Verdict.EQUIVALENT if said == Verdict.TRIVIAL else Verdict.INCONCLUSIVE
    elif said not in SEPARATE and is_shown:
        said = Verdict.TRIVIAL if said == Verdict.EQUIVALENT else Verdict.DIFFERENT
    return {**row, "p": look["p"], "p_holm": p_holm, "verdict": said}
