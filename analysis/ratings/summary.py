"""Summary of a table: counts, names, fingerprint (SHA-256), and warnings.

**Conventions.** Participants whom the screening excludes are counted as well. Warnings are
sentences for the reader, and do not influence any number.
"""

from collections.abc import Collection

import pandas as pd

from analysis.findings.findings import Data
from analysis.findings.screening import Exclusion
from analysis.ratings.roles import compared
from analysis.ratings.table import fingerprint
from analysis.scale import on_one_scale

SIZE_TOLERANCE = 0.10
"""Difference in group size above which the report says so (BS.1534-3, Attachment 4)."""

HIGH_SHARE = 0.8
"""Share of the scale's range; if most medians are above, the end of the scale hides differences."""

FEW = 10
FEWEST_PAGES, SHARED_OUT = 10, 0.9
"""Fewest pages, and share of pages with the same sum of ratings that is not chance."""


def data_section(
    table: pd.DataFrame, excluded: list[Exclusion], apart: Collection[str] = ()
) -> Data:
    """Section `data` of the findings (see docs/results.md).

    Parameters
    ----------
    table
        A ratings table that has passed the checks, with all participants.
    excluded
        Participants whom the screening excludes.
    apart
        Reference and anchors that are not compared. Warnings about the systems do not refer to the
        reference and the anchors.
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
    return Data(
        n_participants=len(levels["participants"]),
        n_songs=len(levels["songs"]),
        n_systems=len(levels["systems"]),
        n_attributes=len(levels["attributes"]),
        n_ratings=len(rated),
        n_missing=cells - filled,
        **levels,
        group_sizes={str(name): int(sizes[name]) for name in levels["groups"]},
        sha256=fingerprint(table),
        excluded=excluded,
        warnings=(
            _gaps(table, rated)
            + _only_one(rated, apart)
            + _doubts(compared(rated, apart))
            + _bound(compared(rated, apart))
        ),
    )


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


def _only_one(rated: pd.DataFrame, apart: Collection[str]) -> list[str]:
    left = sorted(set(rated["system"]) - set(apart))
    if not apart or len(left) != 1:
        return []
    sentence = (
        f"Only {left[0]} is compared, because {' and '.join(apart)} "
        f"{'are' if len(apart) > 1 else 'is'} the reference or an anchor. To compare a "
        "reference or an anchor as well, declare a contrast with it in the plan, or use the option "
        "--with-roles."
    )
    return [sentence]


def _doubts(rated: pd.DataFrame) -> list[str]:
    """What weakens the conclusions of the study; one sentence for each property."""
    found = []
    n, songs, systems = (rated[name].nunique() for name in ("participant", "song", "system"))
    sizes = rated.drop_duplicates("participant")["group"].value_counts()
    if len(sizes) > 1 and sizes.max() > (1 + SIZE_TOLERANCE) * sizes.min():
        found.append("Group sizes differ by more than 10 %.")
    if len(sizes) > 1:
        found += [
            f"The group {name} has only one participant, but the same weight as any other group."
            for name in sorted(sizes.index[sizes == 1])
        ]
    counts = ((n, "participants"), (songs, "songs"))
    few = [f"{count} {what}" for count, what in counts if 1 < count < FEW]
    if few:
        found.append(f"There are only {' and '.join(few)}: expect wide intervals.")
    wanted = max(5, int(-(-3 * systems // 2)))
    if songs < wanted:
        found.append(f"BS.1534-3 asks for at least {wanted} excerpts for {systems} systems.")
    comparable, scale = on_one_scale(rated)
    medians, high = comparable.groupby("system")["rating"].median(), scale.at(HIGH_SHARE)
    if len(medians) > 1 and (medians.round(9) >= high).mean() > 0.5:
        found.append(
            f"Most systems lie between {high:g} and {scale.maximum:g}: the upper end of the "
            "scale hides differences."
        )
    return found


def _bound(rated: pd.DataFrame) -> list[str]:
    """Ratings that are not free: only two different values, or shares of a fixed sum."""
    found = []
    for attribute, rows in rated.groupby("attribute", sort=True):
        if rows["rating"].nunique() == 2:
            found.append(
                f"The ratings of {attribute} have only two values: means are shares, and the "
                "intervals of a model of points are approximate."
            )
        keys = ["participant", "song", *(["replicate"] if "replicate" in rows else [])]
        pages = rows.groupby(keys)["rating"].agg(["sum", "nunique"])
        sums = pages["sum"].round(6).value_counts(normalize=True)
        if (
            len(pages) >= FEWEST_PAGES
            and (pages["nunique"] > 1).any()
            and sums.iloc[0] >= SHARED_OUT
        ):
            found.append(
                f"Nearly all pages have the same sum of {attribute}: the systems share it, so each "
                f"rating depends on the others. The tests treat ratings as independent."
            )
    return found


def name_of_test(
    reference: str | None,
    mid_anchor: str | None,
    low_anchor: str | None = None,
    of_its_pages: str = "",
) -> str:
    """Name of the test.

    Parameters
    ----------
    reference, mid_anchor, low_anchor
        Names of systems, or None.
    of_its_pages
        Name of a test with pages of this type; empty if the name depends on the systems.

    Returns
    -------
    str
        One sentence.
    """
    if of_its_pages:
        return of_its_pages
    if is_mushra(reference, mid_anchor, low_anchor):
        return (
            "A hidden reference and both anchors were among the mixes and the post-screening of "
            "ITU-R BS.1534-3 was applied: this is a MUSHRA test."
        )
    if reference is None or mid_anchor is None:
        return (
            "Without a declared hidden reference and both declared anchors, this test must not be "
            "called MUSHRA."
        )
    return (
        "A hidden reference and a mid anchor were named; the test may be called MUSHRA only if the "
        "low anchor was among the systems too."
    )


def is_mushra(
    reference: str | None,
    mid_anchor: str | None,
    low_anchor: str | None,
    of_its_pages: str = "",
) -> bool:
    """Whether the test can be called MUSHRA: a hidden reference and both anchors, on MUSHRA pages.

    A plain table does not say what type its pages have. For a plain table, it is therefore enough
    that the reference and both anchors are named.
    """
    return all((reference, mid_anchor, low_anchor)) and not of_its_pages
