"""Reference and anchors: stimuli that check the test and are not compared with the systems.

Reference and anchors serve to check the listeners, and are shown in the description and in the
figures. If the reference and the anchors were compared as well, they would dominate the omnibus
test, and the adjustment over pairs would be much stricter. The reference and the anchors would also
violate the model's assumption of equal variances, because nearly all of their ratings are at one
end of the scale.
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
        Systems declared as reference or anchor; None if there are none.
    contrasts
        Declared contrasts. A reference or an anchor that is in a contrast is compared.
    with_roles
        Compare them all.

    Returns
    -------
    tuple of str
        Sorted names of the reference and anchors; empty if no other system would be left.
    """
    there, named = set(systems), {name for pair in contrasts for name in pair}
    apart = ({name for name in roles if name} & there) - named
    return () if with_roles or apart == there else tuple(sorted(apart))


def compared(rows: pd.DataFrame, apart: Collection[str]) -> pd.DataFrame:
    """Rows of the compared systems, with a new index."""
    return rows[~rows["system"].isin(apart)].reset_index(drop=True) if apart else rows
