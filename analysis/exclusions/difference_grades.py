"""Difference grades of BS.1116-3: grade of a system minus grade of the hidden reference.

**Conventions.** The column `graded_against` names the hidden reference that was on the same page as
the row. In rows of pages without a hidden reference, the column `graded_against` is empty. Pages
are identified by participant and `page_index`, or by `page_order` if the table has no `page_index`.
A difference grade is negative if the system was recognised, and 0 if no difference was heard. A
difference grade is above 0 if the hidden reference was mistaken for the system. The scale of
difference grades extends on both sides of 0; each side is as wide as the scale of the grades.

In reading order: the difference grades, then listeners who cannot recognise the reference
(post-screening).

References
----------
.. [1] ITU-R BS.1116-3 (02/2015), clauses 3.2.2 (post-screening) and 9 (analysis).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from analysis.findings.screening import Exclusion, ScreeningRule
from analysis.ratings.table import GRADED_AGAINST, RatingsError
from analysis.scale import COLUMNS

RULE = "hidden_reference_told"
SOURCE = "ITU-R BS.1116-3, clause 3.2.2"
ALPHA = 0.05
FEWEST_GRADES = 2
# decimal places of a difference; later digits contain only rounding errors
_DECIMALS = 9


def are_differences(table: pd.DataFrame) -> bool:
    """Whether a table holds difference grades."""
    return GRADED_AGAINST in table and bool((table[GRADED_AGAINST].fillna("") != "").any())


def difference_grades(grades: pd.DataFrame) -> pd.DataFrame:
    """Difference grade of each system, with one row per grade; other tables stay as they are.

    Parameters
    ----------
    grades
        The columns participant, system, attribute, rating, the scale's columns, page_index or
        page_order, and :data:`~analysis.ratings.table.GRADED_AGAINST`.

    Returns
    -------
    DataFrame
        One row for each grade of a system; the rating is empty if the reference was not graded.

    Raises
    ------
    RatingsError
        Two pages cannot be distinguished, or the hidden reference of a page has two grades.
    """
    if not are_differences(grades):
        return grades
    page = next((name for name in ("page_index", "page_order") if name in grades), None)
    if page is None:
        raise RatingsError(
            "The grades name a hidden reference, but no page; add a column page_index to the table."
        )
    keys = ["participant", page, "attribute"]
    rating = pd.to_numeric(grades["rating"], errors="coerce")
    is_reference = grades["system"] == grades[GRADED_AGAINST]
    references = grades.loc[is_reference, keys].assign(at_reference=rating[is_reference])
    twice = references.duplicated(keys)
    if twice.any():
        where = references[twice].iloc[0]
        raise RatingsError(
            f"The hidden reference was graded twice by {where['participant']} on page "
            f"{where[page]} ({where['attribute']})."
        )
    rows = grades[~is_reference].assign(rating=rating[~is_reference])
    beside = rows[keys].merge(references, on=keys, how="left")["at_reference"].to_numpy(float)
    return _on_both_sides(rows.assign(rating=(rows["rating"] - beside).round(_DECIMALS)))


def _on_both_sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of difference grades; their scale is as wide on each side of 0 as that of the grades."""
    low, high, _ = COLUMNS
    if not {low, high} <= set(rows.columns):
        raise RatingsError("The grades name a hidden reference, but not their scale.")
    width = (pd.to_numeric(rows[high]) - pd.to_numeric(rows[low])).round(_DECIMALS)
    return rows.assign(**{low: -width, high: width}).reset_index(drop=True)


def told_p(differences: ArrayLike) -> float:
    """One-sided p of the t test for a mean difference grade below 0.

    Parameters
    ----------
    differences
        Difference grades of one participant; at least two.

    Returns
    -------
    float
        One-sided p. If all grades are equal, p is 0 if they are below 0, otherwise 1.
    """
    values = np.asarray(differences, dtype=float)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    if sd < 1e-12:
        return 0.0 if mean < 0 else 1.0
    return float(stats.t.cdf(mean / (sd / math.sqrt(len(values))), len(values) - 1))


def _judged(table: pd.DataFrame) -> dict[str, float]:
    """One test for each participant who has enough difference grades."""
    rated = table[table["rating"].notna()]
    return {
        str(who): told_p(own)
        for who, own in rated.groupby("participant")["rating"]
        if len(own) >= FEWEST_GRADES
    }


def guessers(table: pd.DataFrame, are_left_out: bool) -> list[Exclusion]:
    """Participants who cannot recognise the hidden reference.

    Parameters
    ----------
    table
        Ratings table that has passed the checks. If its ratings are not difference grades, nobody
        is excluded.
    are_left_out
        Whether the rule of post-screening was declared.

    Returns
    -------
    list of Exclusion
        Sorted names of the participants whose t test (over all their difference grades) has p of
        .05 or above.
    """
    if not (are_left_out and are_differences(table)):
        return []
    return [
        Exclusion(
            who, RULE, p, ALPHA,
            f"The difference grades do not lie below 0 (one-sided t test, p = {p:.3f}): the hidden "
            f"reference was not distinguished from the systems.",
            "p",
        )
        for who, p in sorted(_judged(table).items())
        if p >= ALPHA
    ]  # fmt: skip


def rules_on_guessers(table: pd.DataFrame, are_left_out: bool) -> list[ScreeningRule]:
    """Row about post-screening in `screening.rules`; no row if there are no difference grades."""
    if not are_differences(table):
        return []
    if not are_left_out:
        why = "The study declared that nobody is excluded for not recognising the hidden reference."
        return [ScreeningRule(RULE, False, why, SOURCE, table["participant"].nunique())]
    n_judged = len(_judged(table))
    nobody = "Nobody has two difference grades, so the rule can judge nobody."
    if n_judged:
        return [ScreeningRule(RULE, True, None, SOURCE)]
    return [ScreeningRule(RULE, False, nobody, SOURCE, table["participant"].nunique())]
