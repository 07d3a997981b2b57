"""Who and what is doubtful: exclusion rules of BS.1534-3, and flags that exclude nobody.

**Conventions.** Rules 1 and 2 need a hidden reference and a mid anchor among the systems. Their
edges are strict: a participant at exactly 15 % stays, a rating of exactly 90 counts on the good
side. The items counted are those that the participant rated. Every exclusion is written down with
rule, value and threshold.

In reading order: the two rules, outliers, the participants' table.

References
----------
.. [1] ITU-R BS.1534-3 (10/2015), clause 4.1.2.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.descriptives import tukey_hinges
from analysis.estimable import NotEstimableError
from analysis.ratings import SCALE_HIGH, SCALE_LOW, RatingsError
from analysis.repeats import agreement, discrimination_p, most_common_share, repeats

Row = dict[str, Any]
Floats = NDArray[np.float64]

EDGE_POINTS = 90.0
MOST_PERCENT = 15
GUARD_PERCENT = 25
FLAT_SD = 5.0
IDENTICAL_SHARE = 0.5
FEWEST_RATINGS = 8
"""Below so many ratings a spread says nothing about a participant."""


@dataclass(frozen=True)
class Exclusion:
    """A participant left out by a rule: `value` is the share of items, `threshold` its limit."""

    participant: str
    rule: str
    value: float
    threshold: float
    why: str


def _items(ratings: pd.DataFrame, system: str) -> pd.DataFrame:
    if system not in set(ratings["system"]):
        names = ", ".join(sorted(ratings["system"].unique()))
        raise RatingsError(f"There is no system {system} among the ratings (found: {names}).")
    return ratings[(ratings["system"] == system) & ratings["rating"].notna()]


def reference_shares(ratings: pd.DataFrame, reference: str) -> pd.Series:
    """Share of items on which a participant rated the hidden reference below 90.

    Parameters
    ----------
    ratings
        A checked rating table.
    reference
        Name of the hidden reference among the systems.

    Returns
    -------
    Series
        By participant; an item is one rated page (song x attribute x replicate).

    Raises
    ------
    RatingsError
        When there is no such system.
    """
    items = _items(ratings, reference)
    return (items["rating"] < EDGE_POINTS).groupby(items["participant"]).mean()


def mid_anchor_shares(ratings: pd.DataFrame, mid_anchor: str) -> tuple[pd.Series, list[str]]:
    """Share of items on which a participant rated the mid anchor above 90.

    Parameters
    ----------
    ratings
        A checked rating table.
    mid_anchor
        Name of the mid anchor among the systems.

    Returns
    -------
    tuple
        The shares by participant over the items that count, and the items ("song, attribute") that
        do not: those whose mid anchor more than 25 % of the participants rated above 90.

    Raises
    ------
    RatingsError
        When there is no such system.
    """
    items = _items(ratings, mid_anchor)
    high = items["rating"] > EDGE_POINTS
    keys = [items["song"], items["attribute"]]
    by_item = high.groupby([*keys, items["participant"]]).max().groupby(level=[0, 1])
    guarded = by_item.sum() * 100 > GUARD_PERCENT * by_item.size()
    spared = set(guarded[guarded].index)
    counts = np.array([pair not in spared for pair in zip(*keys, strict=True)])
    shares = high[counts].groupby(items["participant"][counts]).mean()
    return shares, [f"{song}, {attribute}" for song, attribute in sorted(spared)]


def exclusions(
    ratings: pd.DataFrame, reference: str | None, mid_anchor: str | None
) -> list[Exclusion]:
    """Participants that the two rules of BS.1534-3 leave out.

    Parameters
    ----------
    ratings
        A checked rating table.
    reference, mid_anchor
        Names among the systems; None switches the rule off.

    Returns
    -------
    list of Exclusion
        Sorted by participant; somebody who fails both rules appears twice.

    Raises
    ------
    RatingsError
        When a named system does not exist.
    """
    found = []
    if reference is not None:
        what = f"Rated the hidden reference below {EDGE_POINTS:g}"
        found += _beyond(reference_shares(ratings, reference), "hidden_reference", what)
    if mid_anchor is not None:
        what = f"Rated the mid anchor above {EDGE_POINTS:g}"
        found += _beyond(mid_anchor_shares(ratings, mid_anchor)[0], "mid_anchor", what)
    return sorted(found, key=lambda one: (one.participant, one.rule))


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


def outliers(ratings: pd.DataFrame) -> list[Row]:
    """Ratings outside Tukey's fences of their attribute x song x system.

    Parameters
    ----------
    ratings
        A checked rating table.

    Returns
    -------
    list of dict
        Flagged only: fences lie 1.5 interquartile ranges beyond the hinges.
    """
    found = []
    rated = ratings[ratings["rating"].notna()]
    for (attribute, song, system), cell in rated.groupby(["attribute", "song", "system"]):
        q1, q3 = tukey_hinges(cell["rating"])
        low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
        outside = cell[(cell["rating"] < low) | (cell["rating"] > high)]
        found += [
            {
                "participant": str(who), "song": str(song), "system": str(system),
                "attribute": str(attribute), "rating": float(rating),
                "low_fence": low, "high_fence": high,
            }
            for who, rating in zip(outside["participant"], outside["rating"], strict=True)
        ]  # fmt: skip
    return found


def screening_section(
    ratings: pd.DataFrame,
    reference: str | None,
    mid_anchor: str | None,
    excluded: list[Exclusion],
    seed: int,
) -> Row:
    """Section `screening` of docs/results.md.

    Parameters
    ----------
    ratings
        A checked rating table with all participants.
    reference, mid_anchor
        Names among the systems, or None.
    excluded
        What `exclusions` found.
    seed
        Of the permutations.

    Returns
    -------
    dict
        See docs/results.md.
    """
    return {
        "rules": _rules(ratings, reference, mid_anchor),
        "participants": participants(ratings, reference, mid_anchor, excluded, seed),
        "outliers": outliers(ratings),
    }


def _rules(ratings: pd.DataFrame, reference: str | None, mid_anchor: str | None) -> list[Row]:
    none = "No system was named as {}, so the rule does not apply."
    rules: list[Row] = [
        {
            "rule": "hidden_reference",
            "applied": reference is not None,
            "why": none.format("the hidden reference") if reference is None else None,
        },
        {
            "rule": "mid_anchor",
            "applied": mid_anchor is not None,
            "why": none.format("the mid anchor") if mid_anchor is None else None,
        },
    ]
    if mid_anchor is not None:
        rules[1]["items_left_out"] = mid_anchor_shares(ratings, mid_anchor)[1]
    return rules


def participants(
    ratings: pd.DataFrame,
    reference: str | None,
    mid_anchor: str | None,
    excluded: list[Exclusion],
    seed: int,
) -> list[Row]:
    """One row a participant with everything that speaks about care and agreement.

    Parameters
    ----------
    ratings, reference, mid_anchor, excluded, seed
        As `screening_section`.

    Returns
    -------
    list of dict
        Keys of docs/results.md; values that the data do not allow are NaN.
    """
    rated = ratings[ratings["rating"].notna()]
    stimulus = ["attribute", "song", "system"]
    cells = rated.pivot_table(index="participant", columns=stimulus, values="rating")
    below = reference_shares(ratings, reference) if reference else pd.Series(dtype=float)
    above = mid_anchor_shares(ratings, mid_anchor)[0] if mid_anchor else pd.Series(dtype=float)
    out = {one.participant for one in excluded}
    table = cells.to_numpy(dtype=float)
    known = np.isfinite(table)
    total, count = np.where(known, table, 0.0).sum(axis=0), known.sum(axis=0)
    rows = []
    for place, (who, own) in enumerate(rated.groupby("participant")):
        seen = known[place].astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            others = (total - np.where(known[place], table[place], 0.0)) / (count - seen)
        row = _participant(own, table[place], others, seed)
        row["reference_share_below_90"] = float(below.get(who, np.nan))
        row["mid_anchor_share_above_90"] = float(above.get(who, np.nan))
        row["flags"] = _flags(row, own)
        rows.append(row | {"excluded": str(who) in out})
    return rows


def _participant(own: pd.DataFrame, cells: Floats, others: Floats, seed: int) -> Row:
    values = own["rating"].to_numpy(dtype=float)
    rho, floor = agreement(cells, others, seed)
    by_song = own.pivot_table(index=["attribute", "song"], columns="system", values="rating")
    row: Row = {
        "participant": str(own["participant"].iloc[0]),
        "group": str(own["group"].iloc[0]),
        "n_ratings": len(own),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else float("nan"),
        "share_identical": most_common_share(values),
        "share_at_ends": float(np.mean((values == SCALE_LOW) | (values == SCALE_HIGH))),
        "agreement": rho,
        "agreement_floor": floor,
        "friedman_p": discrimination_p(by_song.to_numpy(dtype=float)),
    }
    return row | _repeats(own, seed)


def _repeats(own: pd.DataFrame, seed: int) -> Row:
    names = {
        "repeats_rmsd": "rmsd", "repeats_mad": "mad", "repeats_r": "r",
        "reliability_sd": "reliability_sd", "discrimination": "discrimination",
        "repeats_f": "f", "repeats_floor": "floor",
    }  # fmt: skip
    ordered = own.sort_values("replicate", kind="stable") if "replicate" in own else own
    stimuli = ordered["attribute"] + "\x1f" + ordered["song"] + "\x1f" + ordered["system"]
    try:
        found = asdict(repeats(ordered["rating"], stimuli, seed))
    except NotEstimableError:
        return dict.fromkeys(names, float("nan"))
    return {ours: found[theirs] for ours, theirs in names.items()}


def _flags(row: Row, own: pd.DataFrame) -> list[str]:
    """Names of everything doubtful; comparisons with NaN are false, so unknown is not doubtful."""
    enough = row["n_ratings"] >= FEWEST_RATINGS
    checks = {
        "flat": enough and row["sd"] < FLAT_SD,
        "identical": enough and row["share_identical"] > IDENTICAL_SHARE,
        "disagrees": row["agreement"] < max(0.0, row["agreement_floor"]),
        "inconsistent": row["repeats_f"] < row["repeats_floor"],
        "does_not_discriminate": np.isnan(row["repeats_f"]) and row["friedman_p"] > 0.05,
        "too_fast": _any_below(own, "page_time_s", "duration_s"),
        "never_played": "play_count" in own and bool((own["play_count"].astype(float) == 0).any()),
    }
    return [name for name, doubtful in checks.items() if doubtful]


def _any_below(own: pd.DataFrame, shorter: str, longer: str) -> bool:
    if shorter not in own or longer not in own:
        return False
    return bool((own[shorter].astype(float) < own[longer].astype(float)).any())
