"""Reference and anchors: stimuli that serve the test and are not compared with the systems.

The reference and the anchors are used to check listeners, and they are in the description and the
figures. In a comparison of all systems, the reference and the anchors would dominate the omnibus
test and make the adjustment over pairs much stricter. The reference and the anchors would also
violate the model's assumption of equal variances, because nearly all of their ratings are at an end
of the scale.
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
        Systems that were declared as the reference or as anchors; None if there are no such
        systems.
    contrasts
        Declared contrasts: if a contrast names a reference or an anchor, it is compared.
    with_roles
        Compare them all.

    Returns
    -------
    tuple of str
        Sorted names of the reference and the anchors; empty if no other system would remain.
    """
    there, named = set(systems), {name for pair in contrasts for name in pair}
    apart = ({name for name in roles if name} & there) - named
    return () if with_roles or apart == there else tuple(sorted(apart))


def compared(rows: pd.DataFrame, apart: Collection[str]) -> pd.DataFrame:
    """Rows of the compared systems, with a new index."""
    return rows[~rows["system"].isin(apart)].reset_index(drop=True) if apart else rows
