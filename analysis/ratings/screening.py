"""Doubtful participants and ratings: exclusion rules of BS.1534-3; outliers, only flagged.

**Conventions.** Rules 1 and 2 can be applied only if a hidden reference and a mid anchor are among
the systems. A participant is excluded only if the value is above the limit of the rule. A
participant with exactly 15 %, for example, is kept. A rating of exactly 90 (or 90 % of the range of
another scale) does not count against the participant. Items that the participant did not rate are
not counted. Each exclusion is stored together with its rule, value and threshold.

In reading order: the two rules, outliers, and the section of the findings.

References
----------
.. [1] ITU-R BS.1534-3 (10/2015), clause 4.1.2.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.findings.screening import Exclusion, Outlier, Screening, ScreeningRule
from analysis.ratings.descriptives import tukey_hinges
from analysis.ratings.participants import participants
from analysis.ratings.table import RatingsError
from analysis.scale import Scale, scales_of, shares

SOURCE = "ITU-R BS.1534-3, clause 4.1.2"

EDGE_SHARE = 0.9
"""Limit of both rules as a share of the scale's range (90 on 0 to 100)."""

MOST_PERCENT = 15
GUARD_PERCENT = 25


def _items(ratings: pd.DataFrame, system: str) -> pd.DataFrame:
    if system not in set(ratings["system"]):
        names = ", ".join(sorted(ratings["system"].unique()))
        raise RatingsError(f"There is no system {system} among the ratings (found: {names}).")
    return ratings[(ratings["system"] == system) & ratings["rating"].notna()]


def reference_shares(ratings: pd.DataFrame, reference: str) -> pd.Series:
    """Share of items on which a participant rated the hidden reference below 90 % of the range.

    Parameters
    ----------
    ratings
        A checked rating table.
    reference
        Name of the hidden reference, which is one of the systems.

    Returns
    -------
    Series
        Share for each participant. An item is a page that the participant rated (song x attribute x
        replicate).

    Raises
    ------
    RatingsError
        The named system is not in the table.
    """
    items = _items(ratings, reference)
    return (shares(items) < EDGE_SHARE).groupby(items["participant"]).mean()


def mid_anchor_shares(ratings: pd.DataFrame, mid_anchor: str) -> tuple[pd.Series, list[str]]:
    """Share of items on which a participant rated the mid anchor above 90 % of the range.

    Parameters
    ----------
    ratings
        A checked rating table.
    mid_anchor
        Name of the mid anchor, which is one of the systems.

    Returns
    -------
    tuple
        For each participant, the share over the items that count; and the items ("song, attribute")
        that do not count. An item does not count if more than 25 % of the participants rated the
        mid anchor above 90 % of the range on it.

    Raises
    ------
    RatingsError
        The named system is not in the table.
    """
    items = _items(ratings, mid_anchor)
    high = shares(items) > EDGE_SHARE
    keys = [items["song"], items["attribute"]]
    by_item = high.groupby([*keys, items["participant"]]).max().groupby(level=[0, 1])
    guarded = by_item.sum() * 100 > GUARD_PERCENT * by_item.size()
    spared = set(guarded[guarded].index)
    counts = np.array([pair not in spared for pair in zip(*keys, strict=True)])
    found = high[counts].groupby(items["participant"][counts]).mean()
    return found, [f"{song}, {attribute}" for song, attribute in sorted(spared)]


def exclusions(
    ratings: pd.DataFrame, reference: str | None, mid_anchor: str | None
) -> list[Exclusion]:
    """Participants whom the two rules of BS.1534-3 exclude.

    Parameters
    ----------
    ratings
        A checked rating table.
    reference, mid_anchor
        Names of systems; if a name is None, its rule is off.

    Returns
    -------
    list of Exclusion
        Exclusions, sorted by participant; a participant who fails both rules is listed twice.

    Raises
    ------
    RatingsError
        A named system is not among the systems.
    """
    found = []
    edge = edge_in_words(scales_of(ratings).values())
    if reference is not None:
        what = f"Rated the hidden reference below {edge}"
        found += _beyond(reference_shares(ratings, reference), "hidden_reference", what)
    if mid_anchor is not None:
        what = f"Rated the mid anchor above {edge}"
        found += _beyond(mid_anchor_shares(ratings, mid_anchor)[0], "mid_anchor", what)
    return sorted(found, key=lambda one: (one.participant, one.rule))


def edge_in_words(scales: Iterable[Scale]) -> str:
    """Rating to which both rules refer, in points if all attributes have the same scale."""
    one, *others = set(scales)
    return f"{100 * EDGE_SHARE:g} % of its scale" if others else f"{one.at(EDGE_SHARE):g}"


def _beyond(shares: pd.Series, rule: str, what: str) -> list[Exclusion]:
    limit = MOST_PERCENT / 100
    return [
        Exclusion(
            str(who),
            rule,
            float(share),
            limit,
            f"{what} on {100 * share:.1f} % of the items, more than {MOST_PERCENT} %.",
        )
        for who, share in shares.items()
        if share > limit
    ]


def outliers(ratings: pd.DataFrame) -> list[Outlier]:
    """Ratings outside Tukey's fences, which are computed for each attribute x song x system.

    Parameters
    ----------
    ratings
        A checked rating table.

    Returns
    -------
    list of Outlier
        Ratings outside the fences are flagged, but not excluded. The fences are 1.5 interquartile
        ranges below the lower hinge and above the upper hinge.
    """
    found = []
    rated = ratings[ratings["rating"].notna()]
    who, values = rated["participant"].to_numpy(), rated["rating"].to_numpy(dtype=float)
    cell, cells = pd.factorize(
        pd.MultiIndex.from_frame(rated[["attribute", "song", "system"]]), sort=True
    )
    order = np.argsort(cell, kind="stable")
    each = np.split(order, np.flatnonzero(np.diff(cell[order])) + 1) if len(order) else []
    for (attribute, song, system), places in zip(cells, each, strict=True):
        own = values[places]
        q1, q3 = tukey_hinges(own)
        low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
        found += [
            Outlier(
                str(who[at]), str(song), str(system), str(attribute), float(values[at]), low, high
            )
            for at in places[(own < low) | (own > high)]
        ]
    return found


def screening_section(
    ratings: pd.DataFrame,
    reference: str | None,
    mid_anchor: str | None,
    excluded: list[Exclusion],
    seed: int,
    further: Sequence[ScreeningRule] = (),
) -> Screening:
    """Section `screening` of the findings (see docs/results.md).

    Parameters
    ----------
    ratings
        A ratings table that has passed the checks, with all participants.
    reference, mid_anchor
        Names of systems, or None.
    excluded
        Result of `exclusions`.
    seed
        Of the permutations.
    further
        More rules, to be listed after the rules of BS.1534-3.
    """
    below = reference_shares(ratings, reference) if reference is not None else None
    above = mid_anchor_shares(ratings, mid_anchor)[0] if mid_anchor is not None else None
    out = {one.participant for one in excluded}
    return Screening(
        rules=[*_rules(ratings, reference, mid_anchor), *further],
        participants=participants(ratings, below, above, out, seed),
        outliers=outliers(ratings),
    )


def _rules(
    ratings: pd.DataFrame, reference: str | None, mid_anchor: str | None
) -> list[ScreeningRule]:
    none = "No system was named as {}, so the rule does not apply."
    why_not = (
        none.format("the hidden reference") if reference is None else None,
        none.format("the mid anchor") if mid_anchor is None else None,
    )
    left_out = None if mid_anchor is None else mid_anchor_shares(ratings, mid_anchor)[1]
    return [
        ScreeningRule("hidden_reference", reference is not None, why_not[0], SOURCE),
        ScreeningRule(
            "mid_anchor", mid_anchor is not None, why_not[1], SOURCE, items_left_out=left_out
        ),
    ]
