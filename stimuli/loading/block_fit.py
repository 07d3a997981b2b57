"""Check that the systems of a study can be divided over pages as the study file requires."""

from __future__ import annotations

from collections.abc import Sequence

from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Stratum


def check_blocks(systems: Sequence[str], strata: Sequence[Stratum], per_page: int | None) -> None:
    """Raise ``PlacedError`` if pages cannot be equally full, or a system is not in one stratum.

    Parameters
    ----------
    systems, strata
        Strata of the study; if there are no strata, only the sizes of pages are checked.
    per_page
        Number of stimuli on a page; None for all systems on one page.
    """
    if per_page is not None and len(systems) % per_page:
        raise PlacedError(
            f"stimuli_per_page is {per_page}, but {len(systems)} systems cannot be divided into "
            f"pages of {per_page}.",
            ("pages", "stimuli_per_page"),
        )
    placed = [system for stratum in strata for system in stratum.systems]
    for index, stratum in enumerate(strata):
        for system in stratum.systems:
            if system not in systems:
                raise PlacedError(
                    f"The stratum {stratum.name!r} names {system!r}, which is not among the "
                    f"systems.{nearest(system, systems)}",
                    ("strata", index, "systems"),
                )
            if placed.count(system) > 1:
                raise PlacedError(
                    f"The system {system!r} is in two strata; leave it in one.", ("strata", index)
                )
    left_out = [system for system in systems if system not in placed]
    if strata and left_out:
        raise PlacedError(
            f"The system {left_out[0]!r} is not in any stratum; add it to one.", ("strata",)
        )
