"""`groups`: whether listener groups judge the systems differently."""

from typing import Any

from analysis.groups import groups_section
from analysis.methods.base import Given, Method, with_groups


def compute(given: Given) -> Any:
    """The interaction, and companions of it on listener means."""
    choices = given.choices
    lmm = given.done["lmm"]
    return groups_section(given.means, given.group_of, lmm, choices.seed, choices.n_bootstrap)


METHOD = Method(place=120, compute=compute, applies=with_groups)
