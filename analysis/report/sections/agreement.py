"""Whether methods and models agree, and how much single songs and participants matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.defaults import DEFAULT_MODEL
from analysis.defaults import PrimaryModel as ModelName
from analysis.findings.attribute import AnyModel
from analysis.findings.primary import (
    AttributeFindings,
    fitted_model,
    models_by_rank,
    pair_places,
)
from analysis.findings.sections import Count, NotEstimable, Number, P, absent, estimated, rows_of

ALPHA = 0.05
PByPair = dict[tuple[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsOfPair:
    """For one pair, p of each method, adjusted by Holm; p of the pooled test is not adjusted.

    ``agree`` is true if the p of all methods is below .05, or the p of none.
    """

    a: str
    b: str
    lmm: P | None = absent()
    lmm_unequal: P | None = absent()
    ordinal: P | None = absent()
    paired_t: P
    wilcoxon: P
    sign_flip: P
    pooled_mann_whitney: P | None = absent()
    agree: bool | None


@dataclass(frozen=True, slots=True)
class AgreementOfMethods:
    """Whether the methods agree; ``disagree`` names the pairs on which they disagree."""

    rows: Sequence[MethodsOfPair]
    n_pairs: Count
    n_agree: Count
    disagree: Sequence[str]


@dataclass(frozen=True, slots=True)
class UnfittedModel:
    """A model that was requested but has no findings, with the reason."""

    model: ModelName
    why: str


@dataclass(frozen=True, slots=True)
class AgreementOfModels:
    """Whether the possible primary models agree about which pairs differ.

    ``models`` are the models that were fitted; the primary model is first. ``n_pairs`` is the
    number of pairs with results in all fitted models. ``n_agree`` counts the pairs on which all
    models agree: p (Holm) is on the same side of .05 and the difference has the same sign.
    ``disagree`` names the pairs on which the models disagree.
    """

    models: Sequence[ModelName]
    left_out: Sequence[UnfittedModel]
    n_pairs: Count
    n_agree: Count
    disagree: Sequence[str]


@dataclass(frozen=True, slots=True)
class Stability:
    """Change of a difference, in points, when one song or one participant is left out."""

    a: str
    b: str
    song_low: Number | None = absent()
    song_high: Number | None = absent()
    participant_low: Number | None = absent()
    participant_high: Number | None = absent()


def agreement_of(section: AttributeFindings, systems: Sequence[str]) -> AgreementOfMethods:
    """Compare the methods, with one row per pair."""
    tests, pooled = _p_values(section)
    rows = []
    for place in pair_places(section, sorted(systems)):
        pair = (place.a, place.b)
        p_values = {name: of.get(pair, math.nan) for name, of in tests.items()}
        sides = [p < ALPHA for p in p_values.values() if not math.isnan(p)]
        shown = None if pooled is None else pooled.get(pair, math.nan)
        agree = None if len(sides) < 2 else len(set(sides)) == 1
        rows.append(MethodsOfPair(a=place.a, b=place.b, **p_values, pooled_mann_whitney=shown,
                                  agree=agree))  # fmt: skip
    asked = [row for row in rows if row.agree is not None]
    return AgreementOfMethods(
        rows=rows,
        n_pairs=len(asked),
        n_agree=sum(bool(row.agree) for row in asked),
        disagree=[f"{row.a} – {row.b}" for row in asked if not row.agree],
    )


def _p_values(section: AttributeFindings) -> tuple[dict[str, PByPair], PByPair | None]:
    """Holm-adjusted p of each method in the comparison, and p of the pooled test if requested."""
    if isinstance(section, NotEstimable):
        return {name: {} for name in (DEFAULT_MODEL, "paired_t", "wilcoxon", "sign_flip")}, None
    model, pooled = fitted_model(section), section.pooled_mann_whitney
    tests: dict[str, PByPair] = {
        section.primary_model: {
            (row.a, row.b): row.p_holm for row in rows_of(model.pairs if model else None)
        },
        "paired_t": {(row.a, row.b): row.p_holm for row in rows_of(section.paired_t)},
        "wilcoxon": {(row.a, row.b): row.p_holm for row in rows_of(section.wilcoxon)},
        "sign_flip": {(row.a, row.b): row.p_holm for row in rows_of(section.sign_flip)},
    }
    return tests, None if pooled is None else {(row.a, row.b): row.p for row in rows_of(pooled)}


def models_of(section: AttributeFindings) -> AgreementOfModels:
    """Compare which pairs each possible primary model finds different."""
    if isinstance(section, NotEstimable):
        return AgreementOfModels((), (), 0, 0, ())
    names = models_by_rank(section)
    fitted = {name: model for name in names if (model := fitted_model(section, name))}
    judged = [_judged(model) for model in fitted.values()]
    is_compared = len(fitted) > 1
    shared = [pair for pair in judged[0] if all(pair in one for one in judged)] if judged else []
    part = [pair for pair in shared if len({one[pair] for one in judged}) > 1]
    return AgreementOfModels(
        models=list(fitted),
        left_out=[
            UnfittedModel(name, failed.why)
            for name in names
            if isinstance(failed := section.model(name), NotEstimable)
        ],
        n_pairs=len(shared) if is_compared else 0,
        n_agree=len(shared) - len(part) if is_compared else 0,
        disagree=[f"{a} – {b}" for a, b in part],
    )


def _judged(model: AnyModel) -> dict[tuple[str, str], int]:
    """Sign of each pair's difference if the difference is significant, otherwise 0."""
    return {
        (row.a, row.b): 0 if row.p_holm >= ALPHA else 1 if row.estimate > 0 else -1
        for row in rows_of(model.pairs)
        if not math.isnan(row.p_holm)
    }


def stability_of(section: AttributeFindings) -> list[Stability]:
    """Change of each difference; empty if nothing was estimated without a song or participant."""
    sensitivity = None if isinstance(section, NotEstimable) else estimated(section.sensitivity)
    if sensitivity is None:
        return []
    found: dict[tuple[str, str], dict[str, float]] = {}
    for what, rows in (
        ("song", sensitivity.leave_one_song_out),
        ("participant", sensitivity.leave_one_participant_out),
    ):
        for row in rows_of(rows):
            if math.isnan(row.estimate):
                continue
            seen = found.setdefault((row.a, row.b), {})
            seen[f"{what}_low"] = min(row.estimate, seen.get(f"{what}_low", row.estimate))
            seen[f"{what}_high"] = max(row.estimate, seen.get(f"{what}_high", row.estimate))
    return [Stability(a, b, **limits) for (a, b), limits in found.items()]
