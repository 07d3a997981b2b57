"""Reference and anchors: stimuli that serve the test and are not compared with the systems.

Reference and anchors are used to screen listeners, and they are included in description and
figures. In a comparison of all systems, reference and anchors would dominate the omnibus test and
use up most steps of the adjustment over pairs. Reference and anchors would also violate the model's
equal variances, because nearly all of their ratings are at an end of the scale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

ROLES: Mapping[str, str] = {
    "reference": "hidden reference",
    "mid_anchor": "mid anchor",
    "low_anchor": "low anchor",
}
"""Roles that a system can be declared to have, in the words of BS.1534-3, by declaring key."""


def kept_apart(
    systems: Iterable[str],
    roles: Iterable[str | None],
    contrasts: Iterable[Collection[str]] = (),
    with_roles: bool = False,
) -> tuple[str, ...]:
    """Reference and anchors that are not compared with the other systems.

    Parameters
    ----------
    systems
        All systems of the test.
    roles
        Systems that were declared the reference or an anchor; None without such systems.
    contrasts
        Declared contrasts: a reference or an anchor that a contrast names is compared.
    with_roles
        Compare them all.

    Returns
    -------
    tuple of str
        Sorted names of reference and anchors; empty if no other system would be left to compare.
    """
    there, named = set(systems), {name for pair in contrasts for name in pair}
    apart = ({name for name in roles if name} & there) - named
    return () if with_roles or apart == there else tuple(sorted(apart))


def compared(rows: pd.DataFrame, apart: Collection[str]) -> pd.DataFrame:
    """Rows of the compared systems, with a new index."""
    return rows[~rows["system"].isin(apart)].reset_index(drop=True) if apart else rows
