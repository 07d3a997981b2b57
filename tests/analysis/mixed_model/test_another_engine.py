"""The mixed model against another program's: mixedlm, a port of lme4 in Rust.

Reference and anchors are systems here; only fitting is compared. Ours codes systems to sum to zero,
mixedlm from the first on: k systems then set the two REML criteria 2 log k apart.
"""

from __future__ import annotations

from typing import Any

import mixedlm
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import MixedModel, fit
from analysis.mixed_model.inference import Inference
from analysis.ratings.table import of_attribute
from analysis.statistics.threads import one_blas_thread
from places import RATINGS

INCOMPLETE = "likert_timbre_transfer"
SETS = ("synA_balanced", "synR_repeats", "codec_mushra", INCOMPLETE, "unbalanced_small")


def rows_of(name: str) -> pd.DataFrame:
    """Ratings of one attribute as one group."""
    table = pd.read_csv(RATINGS / f"{name}.csv", dtype=dict.fromkeys(("participant", "song"), str))
    return of_attribute(table.assign(group="all"), table["attribute"].iloc[0])


def fitted(rows: pd.DataFrame) -> tuple[MixedModel, Any]:
    """Our model and theirs, with the random terms that ours has."""
    with one_blas_thread():
        ours = fit(build_design(rows))
    random = " + ".join(f"(1|{name})" for name in ours.design.components)
    return ours, mixedlm.lmer(f"rating ~ system + {random}", rows)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.filterwarnings("ignore::UserWarning")  # theirs: a variance is zero
def test_another_engine_finds_the_same_model(name: str) -> None:
    """Criterion, variances, differences to the first system, their errors and degrees."""
    ours, theirs = fitted(rows_of(name))
    systems = ours.design.systems
    assert theirs.REMLcrit() + 2 * np.log(len(systems)) == pytest.approx(ours.deviance, rel=1e-9)
    variance = theirs.sigma**2 * theirs.theta**2
    assert_allclose(variance, ours.variance, rtol=1e-5, atol=1e-6 * ours.residual_variance)
    tests = Inference(ours)
    found = [tests.difference(system, systems[0]) for system in systems[1:]]
    unit = np.sqrt(ours.residual_variance)
    assert_allclose(theirs.beta[1:], [one.estimate for one in found], rtol=0, atol=1e-7 * unit)
    assert_allclose(np.sqrt(np.diag(theirs.vcov()))[1:], [one.se for one in found], rtol=1e-6)
    df = mixedlm.satterthwaite_df(theirs).df[1:]
    assert_allclose(df, [one.df for one in found], rtol=1e-5)
