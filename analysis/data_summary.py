"""What was measured: counts, names, a fingerprint, and what to know before reading on.

**Conventions.** Counts include the participants that screening excludes. Warnings are sentences for
the reader; none of them changes a number.
"""

from dataclasses import asdict
from typing import Any

import pandas as pd

from analysis.ratings import fingerprint
from analysis.screening import Exclusion

SIZE_TOLERANCE = 0.10
"""Groups further apart in size call for Kenward-Roger (BS.1534-3, Attachment 4)."""

HIGH = 80.0
FEW = 10


def data_section(table: pd.DataFrame, excluded: list[Exclusion]) -> dict[str, Any]:
    """Section `data` of docs/results.md.

    Parameters
    ----------
    table
        A checked rating table with all participants.
    excluded
        What screening excluded.

    Returns
    -------
    dict
        See docs/results.md.
    """
    rated = table[table["rating"].notna()]
    levels = {
        plural: sorted(table[single].unique())
        for plural, single in (
            ("participants", "participant"),
            ("songs", "song"),
            ("systems", "system"),
            ("groups", "group"),
            ("attributes", "attribute"),
        )
    }
    cells = 1
    for plural in ("participants", "songs", "systems", "attributes"):
        cells *= len(levels[plural])
    filled = len(rated.drop_duplicates(["participant", "song", "system", "attribute"]))
    sizes = table.drop_duplicates("participant")["group"].value_counts()
    return {
        "n_participants": len(levels["participants"]),
        "n_songs": len(levels["songs"]),
        "n_systems": len(levels["systems"]),
        "n_attributes": len(levels["attributes"]),
        "n_ratings": len(rated),
        "n_missing": cells - filled,
        **levels,
        "group_sizes": {str(name): int(sizes[name]) for name in levels["groups"]},
        "sha256": fingerprint(table),
        "excluded": [asdict(one) for one in excluded],
        "warnings": _warnings(table, rated),
    }


def _warnings(table: pd.DataFrame, rated: pd.DataFrame) -> list[str]:
    return _gaps(table, rated) + _doubts(rated)


def _gaps(table: pd.DataFrame, rated: pd.DataFrame) -> list[str]:
    found = []
    for column in ("participant", "song", "system", "attribute"):
        unrated = sorted(set(table[column]) - set(rated[column]))
        found += [f"The {column} {name} has no ratings at all." for name in unrated]
    for column in ("participant", "song", "system"):
        if len(rated[column].unique()) == 1:
            found.append(f"There is only one {column}.")
    if len(rated["rating"].unique()) == 1:
        found.append("All ratings are equal.")
    return found


def _doubts(rated: pd.DataFrame) -> list[str]:
    """Properties of the study that weaken its conclusions."""
    found = []
    n, songs, systems = (rated[name].nunique() for name in ("participant", "song", "system"))
    sizes = rated.drop_duplicates("participant")["group"].value_counts()
    if len(sizes) > 1 and sizes.max() > (1 + SIZE_TOLERANCE) * sizes.min():
        found.append(
            "Group sizes differ by more than 10 %: prefer Kenward-Roger degrees of freedom."
        )
    if 1 < n < FEW or 1 < songs < FEW:
        found.append(
            f"There are only {n} participants and {songs} songs: prefer Kenward-Roger degrees of "
            "freedom, and expect wide intervals."
        )
    wanted = max(5, int(-(-3 * systems // 2)))
    if songs < wanted:
        found.append(f"BS.1534-3 asks for at least {wanted} excerpts for {systems} systems.")
    medians = rated.groupby("system")["rating"].median()
    if len(medians) > 1 and (medians >= HIGH).mean() > 0.5:
        found.append(
            "Most systems lie between 80 and 100: the upper end of the scale hides differences."
        )
    return found


def name_of_test(reference: str | None, mid_anchor: str | None) -> str:
    """What the test may be called.

    Parameters
    ----------
    reference, mid_anchor
        Names among the systems, or None.

    Returns
    -------
    str
        One sentence.
    """
    if reference is None or mid_anchor is None:
        return (
            "Without a hidden reference and both anchors this is a multi-stimulus rating in the "
            "style of MUSHRA, and must not be called MUSHRA."
        )
    return (
        "A hidden reference and a mid anchor were named; the test may be called MUSHRA only if the "
        "low anchor was among the systems too."
    )
