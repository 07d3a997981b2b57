"""Column names that SPSS, JASP and jamovi accept.

References
----------
.. [1] IBM SPSS Statistics, Command Syntax Reference, Variable Names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_SIGNS = 64
RESERVED = frozenset(
    {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
)
"""Words of SPSS's own language."""


def variable_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Unique names that begin with a letter and hold only letters, digits, ``_`` and ``.``.

    Parameters
    ----------
    names
        Names of the columns in other exports, in ASCII or not.
    taken
        Names of other columns; upper and lower case letters count as equal.
    """
    used = {name.lower() for name in taken}
    found = []
    for name in names:
        plain = _plain(name)
        own, number = plain[:MOST_SIGNS], 1
        while own.lower() in used:
            number += 1
            end = f"_{number}"
            own = plain[: MOST_SIGNS - len(end)] + end
        used.add(own.lower())
        found.append(own)
    return found


def _plain(name: str) -> str:
    text = re.sub(r"[^A-Za-z0-9_.]", "_", name).rstrip(".")
    begins_well = re.match(r"[A-Za-z]", text) is not None and text.lower() not in RESERVED
    return text if begins_well else f"v_{text}"
