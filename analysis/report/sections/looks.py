"""Who looked at the answers before the end, and when: the key ``looks`` of the report.

Whoever looks and stops when it looks good finds differences that are not there: with ten looks at
5 % each, in 19 % of studies without any difference [1]_.

References
----------
.. [1] Armitage, McPherson & Rowe (1969), Repeated significance tests on accumulating data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

LOOK_WORDS = {
    "means": "means in the dashboard",
    "figures": "figures in the explorer",
    "choices": "choices in the dashboard",
    "report": "a report or an archive",
    "table": "a table of answers, downloaded or exported",
}
"""What was looked at, by the kind under which a look is noted."""


@dataclass(frozen=True, slots=True)
class NotedLook:
    """Something that a researcher saw of the answers.

    ``kind`` is one of :data:`LOOK_WORDS`, ``n_listeners`` counts real participants, ``is_blind``
    says whether systems were letters, ``status`` whether the study was ``open``, ``paused`` or
    ``closed``; ``at`` is ISO 8601 in UTC.
    """

    kind: str
    n_listeners: int
    is_blind: bool
    status: str
    at: str

    @property
    def is_interim(self) -> bool:
        """Whether further answers could still come."""
        return self.status != "closed"


def looks_section(looks: Sequence[NotedLook] | None) -> dict[str, Any] | None:
    """Return the looks as JSON, each in words and with ``is_interim``; None: nobody noted any.

    ``n_interim`` counts those before the study was closed, ``n_sizes`` the numbers of listeners
    that they were at, ``n_uncovered`` those that showed names of systems.
    """
    if looks is None:
        return None
    interim = [each for each in looks if each.is_interim]
    return {
        "noted": [
            {**asdict(each), "what": LOOK_WORDS[each.kind], "is_interim": each.is_interim}
            for each in looks
        ],
        "n_interim": len(interim),
        "n_sizes": len({each.n_listeners for each in interim}),
        "n_uncovered": sum(not each.is_blind for each in interim),
    }
