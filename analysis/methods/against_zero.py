"""`against_zero`: tests each system's mean against 0, if the scale is symmetric around 0.

On a symmetric scale, 0 means the reference (in difference grades and comparisons), or only the
middle of the scale.

Conventions
-----------
The mean is that of the primary model, with its standard error and degrees of freedom, and applies
to songs and listeners like these; without a model it is that of the participants' own means, tested
by Student's t, and applies to these songs. p is two-sided, and adjusted by Holm's method over the
systems.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from analysis.findings.described import AgainstZero
from analysis.findings.sections import estimated, rows_of
from analysis.methods.base import Method, MethodInput
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.multiplicity import adjusted

_TWO_SIDED_95 = 0.975


def against_zero_rows(given: MethodInput) -> Sequence[AgainstZero]:
    """Section `against_zero`, with one row for each compared system."""
    model = estimated(given.found.model())
    means = rows_of(model.emmeans if model else None)
    rows = [
        _row(row.system, row.mean, row.se, row.df)
        for row in means
        if row.group is None and row.se > 0
    ]
    rows = rows or _of_listener_means(given)
    if not rows:
        raise NotEstimableError("No system has two participants whose ratings differ.")
    p_holm = adjusted([row.p for row in rows])
    return [replace(row, p_holm=p) for row, p in zip(rows, p_holm, strict=True)]


def _of_listener_means(given: MethodInput) -> list[AgainstZero]:
    found = []
    for system in given.systems:
        of_songs = pd.DataFrame(given.cells[system])
        values = of_songs.mean(axis=1).dropna().to_numpy(dtype=float)
        if len(values) > 1 and (sd := float(np.std(values, ddof=1))) > 0:
            se = sd / math.sqrt(len(values))
            found.append(_row(system, float(np.mean(values)), se, len(values) - 1))
    return found


def _row(system: str, mean: float, se: float, df: float) -> AgainstZero:
    half = se * float(stats.t.ppf(_TWO_SIDED_95, df))
    p = 2 * float(stats.t.sf(abs(mean) / se, df))
    return AgainstZero(system, mean, mean - half, mean + half, df, p, math.nan)


def _is_even_around_zero(given: MethodInput) -> bool:
    return math.isclose(given.settings.scale.minimum, -given.settings.scale.maximum)


METHOD = Method(
    place=35,
    compute=against_zero_rows,
    applies=_is_even_around_zero,
    title="Each system against 0",
)
