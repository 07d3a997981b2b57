"""Assignment of plans to arms (each participant is in only one arm), by permuted blocks.

Conventions
-----------
An arm depends on the study's seed and the number of the plan, like the orders of songs and stimuli.
Plans of a study are numbered from 0. If a participant leaves, the next participant gets this plan
number, so that the arms of finished participants stay balanced. A block contains each arm once. If
the arms have quotas, a block contains the arms in the ratio of the quotas, in the smallest whole
numbers. After each whole block, the numbers of plans in the arms are exactly balanced.

References
----------
.. [1] Efird (2011), Blocked randomization with randomly selected block sizes, International Journal
   of Environmental Research and Public Health 8, 15-20 (permuted blocks).
"""

from __future__ import annotations

from math import gcd
from zlib import crc32

import numpy as np

from stimuli.study.study import Study


def arm_for(study: Study, plan_index: int, group: str | None = None) -> str | None:
    """Arm of a plan; None if the study has no arms, or if the quotas of all arms are filled.

    Parameters
    ----------
    study
        The study; its seed decides the order of the arms in each block.
    plan_index
        Number of the plan, from 0; with ``group``, the number within this listener group.
    group
        Listener group; the plans of each group are numbered separately.
    """
    quotas = [arm.quota for arm in study.arms if arm.quota is not None]
    if not study.arms or (quotas and plan_index >= sum(quotas)):
        return None
    times = [quota // gcd(*quotas) for quota in quotas] or [1] * len(study.arms)
    names = [arm.name for arm, n in zip(study.arms, times, strict=True) for _ in range(n)]
    block, place = divmod(plan_index, len(names))
    of_group = crc32((group or "").encode())
    order = np.random.default_rng([study.seed, of_group, block]).permutation(len(names))
    return str(names[order[place]])


def is_full(study: Study, plan_index: int) -> bool:
    """Whether all quotas of the arms are filled before the plan ``plan_index``."""
    return bool(study.arms) and arm_for(study, plan_index) is None
