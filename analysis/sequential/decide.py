"""Whether a study can stop: by planned interim looks, or by confidence sequences at any time."""

from dataclasses import replace
from itertools import combinations

import pandas as pd

from analysis.ratings.overlap import overlap
from analysis.sequential.anytime import at_any_time
from analysis.sequential.declared_looks import declared_looks
from analysis.sequential.plan import SequentialFinding, SequentialPlan
from analysis.statistics.estimable import NotEstimableError


def sequential_finding(
    rows: pd.DataFrame, plan: SequentialPlan, df_method: str, is_closed: bool
) -> SequentialFinding:
    """All looks until now, and whether their results are sufficient to stop the study.

    Parameters
    ----------
    rows
        Rated rows of the primary attribute and of the compared systems, after exclusions; the
        column rated_at is included.
    plan
        The declared plan. If no contrasts are declared, all pairs of systems are tested.
    df_method
        Method for the mixed model's degrees of freedom.
    is_closed
        Whether the study is complete, so that no more participants will come.

    Raises
    ------
    NotEstimableError
        No contrast has ratings, or the ratings do not have times.
    """
    systems = sorted(rows["system"].unique())
    pairs = plan.contrasts or tuple(combinations(systems, 2))
    heard = overlap(rows)
    rated = tuple(
        (a, b) for a, b in pairs if {a, b} <= set(systems) and heard.why_apart(a, b) is None
    )
    if not rated:
        raise NotEstimableError("No contrast has two rated systems that are linked by listeners.")
    settled = replace(plan, contrasts=rated)
    if plan.anytime:
        return at_any_time(rows, settled, is_closed)
    return declared_looks(rows, settled, df_method, is_closed)
