"""Public listening tests with reference and anchors kept apart: the numbers of lmerTest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import places
from analysis.findings.json_form import json_form
from analysis.methods.lmm import lmm_section
from analysis.ratings.roles import compared, kept_apart
from analysis.ratings.screening import exclusions
from analysis.ratings.table import check_ratings, read_text_table
from analysis.scale import SCALE, Scale, with_scale
from analysis.statistics.threads import one_blas_thread
from places import RATINGS

GOLDEN: dict[str, Any] = json.loads((RATINGS / "golden_roles.json").read_text("utf-8"))
SHARED = places.SHARED / "data" / "ratings"
FROM_1_TO_5 = Scale(1, 5)


def section_of(path: Path, scale: Scale, reference: str | None, anchor: str) -> dict[str, Any]:
    """Primary model of a table, screened by its reference, which no model has."""
    table = check_ratings(with_scale(read_text_table(path), scale))
    excluded = {one.participant for one in exclusions(table, reference, None)}
    apart = kept_apart(table["system"], (reference, anchor))
    rows = compared(table[~table["participant"].isin(excluded)], apart)
    with one_blas_thread():
        return json_form(
            lmm_section(rows, sorted(set(rows["system"])), scale.points(0.05), "satterthwaite")
        )


def check_against_r(found: dict[str, Any], golden: dict[str, Any]) -> None:
    """Compare model, omnibus test, means and pairs; R leaves a variance of zero at 1e-16."""
    assert found["n_ratings"] == golden["n_ratings"]
    assert found["reml_deviance"] == pytest.approx(golden["deviance"], rel=1e-10)
    variance = {
        row["grp"].replace("Residual", "residual"): row["vcov"] for row in golden["variance"]
    }
    assert found["variance"] == pytest.approx(variance, rel=1e-5, abs=1e-6)
    (omnibus,) = golden["omnibus"]
    test = found["omnibus"]["system"]
    assert test["df1"] == omnibus["NumDF"]
    assert test["f"] == pytest.approx(omnibus["F value"], rel=5e-6)  # R's optimiser stops early
    assert test["df2"] == pytest.approx(omnibus["DenDF"], rel=1e-5)
    for row, wanted in zip(found["emmeans"], golden["emmeans"], strict=False):
        assert row["system"] == wanted["system"]
        assert (row["mean"], row["se"]) == pytest.approx((wanted["emmean"], wanted["SE"]), rel=5e-6)
        assert row["ci_low"] == pytest.approx(wanted["lower.CL"], rel=1e-5)
    n_kept = len(golden["pairs"])
    assert len(found["pairs"]) >= n_kept
    for row, wanted, p in zip(
        found["pairs"][:n_kept], golden["pairs"], golden["p_holm"], strict=True
    ):
        assert f"{row['a']} - {row['b']}" == wanted["contrast"].replace("(", "").replace(")", "")
        assert row["estimate"] == pytest.approx(wanted["estimate"], rel=5e-6, abs=1e-6)
        assert (row["se"], row["df"]) == pytest.approx((wanted["SE"], wanted["df"]), rel=1e-5)
        assert row["p"] == pytest.approx(wanted["p.value"], rel=1e-4)
        assert row["p_holm"] == pytest.approx(p, rel=1e-4)


def test_a_codec_test_without_its_reference_and_anchor_is_that_of_r() -> None:
    """Stahl et al. (2024): 21 listeners of whom the rule leaves out two, 16 items, 7 codecs."""
    found = section_of(RATINGS / "codec_mushra.csv", SCALE, "Reference", "Anchor")
    check_against_r(found, GOLDEN["real_codec_mushra_all"])
    assert len(found["pairs"]) == 21


def test_a_timbre_test_on_five_steps_without_its_lowest_system_is_that_of_r() -> None:
    """DiffTransfer: 17 listeners; one system on all pages, the others on half of them."""
    found = section_of(RATINGS / "likert_timbre_transfer.csv", FROM_1_TO_5, None, "C2")
    check_against_r(found, GOLDEN["likert_timbre_transfer"])


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data folder is absent")
def test_a_test_of_fifty_conditions_with_repeats_without_the_clean_one_is_that_of_r() -> None:
    """ITU-T P.808 data: 65 listeners, 48 conditions left, repeated ratings, incomplete."""
    path = SHARED / "itu_p808_mos_50_conditions.csv"
    table = check_ratings(with_scale(read_text_table(path), FROM_1_TO_5))
    rows: pd.DataFrame = compared(table, kept_apart(table["system"], ("c01", "c04")))
    with one_blas_thread():
        found = json_form(lmm_section(rows, sorted(set(rows["system"])), 0.2, "satterthwaite"))
    check_against_r(found, GOLDEN["itu_p808_mos_50_conditions"])
