"""Findings of the primary models: means, pairs, tests of fixed effects, variances, residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from analysis.defaults import DF_NAMES
from analysis.findings.pairs import Verdict
from analysis.findings.sections import (
    Count,
    NotEstimable,
    Number,
    P,
    PairNotEstimable,
    Section,
    absent,
)

DfName = Annotated[str, WithJsonSchema({"enum": [*DF_NAMES]})]
"""How degrees of freedom are counted: one of `analysis.defaults.DF_NAMES`."""


@dataclass(frozen=True)
class FTest:
    """Test that several contrasts are all zero; `caution` is set if it tests not only systems."""

    f: Number
    df1: Number
    df2: Number
    p: P
    method: str
    caution: str | None = absent()


@dataclass(frozen=True, slots=True)
class MarginalMean:
    """Mean of a system in points, in one group or over all groups, which have equal weights."""

    system: str
    group: str | None
    mean: Number
    se: Number
    df: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class SystemNotEstimable(NotEstimable):
    """A system without a mean."""

    system: str = field(kw_only=True)
    group: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class ModelPair:
    """Difference of two systems in a model, in points; `group` is set for a single group."""

    a: str
    b: str
    estimate: Number
    se: Number
    df: Number
    t: Number
    p: P
    p_holm: P
    p_hochberg: P
    p_tukey: P
    ci_low: Number
    ci_high: Number
    tost_p: P
    tost_p_holm: P
    margin: Number
    ci90_low: Number
    ci90_high: Number
    smallest_margin: Number
    d: Number
    d_ci_low: Number
    d_ci_high: Number
    bf10: Number
    bf10_narrow: Number
    bf10_wide: Number
    verdict: Verdict | None
    group: str | None = absent()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A random effect that cannot be estimated from the data."""

    component: str
    why: str


Term = Annotated[str, Field(pattern="^(system|(group|lab|arm|language)(:system)?)$")]

OfTerms = Annotated[
    Mapping[Term, FTest | NotEstimable], Field(json_schema_extra={"required": ["system"]})
]
"""Test of each fixed term; the systems are always one of the terms."""


@dataclass(frozen=True, slots=True)
class PrimaryModel(Section):
    """Keys of all primary models: `omnibus` tests each term; `dropped` lists zero variances."""

    formula: str
    n_ratings: Count
    converged: bool
    singular: bool
    dropped: Sequence[str]
    left_out: Sequence[LeftOut]
    df_method: DfName
    why_no_groups: str | None
    omnibus: OfTerms
    emmeans: Sequence[MarginalMean | SystemNotEstimable]
    pairs: Sequence[ModelPair | PairNotEstimable]
    pairs_by_group: Sequence[ModelPair | PairNotEstimable] | None = field(
        default=None, kw_only=True, metadata={"absent": True}
    )


@dataclass(frozen=True, slots=True)
class VarianceShare:
    """One source of variation: its variance in points^2 and its standard deviation in points."""

    component: str
    variance: Number
    sd: Number
    share: Number


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of the mixed model in points; `caution` is explained in `FTest`."""

    term: str
    estimate: Number
    se: Number
    df: Number
    t: Number
    p: P
    caution: str | None = absent()


@dataclass(frozen=True, slots=True)
class TermNotEstimable(NotEstimable):
    """A coefficient that has no estimate."""

    term: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Quantiles of the residuals, and the same quantiles of a normal distribution."""

    theoretical: Sequence[Number]
    sample: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Residuals:
    """Shape and spread of the residuals, and the points for a figure."""

    skewness: Number
    kurtosis: Number
    sd: Number
    flag: Literal["none", "skewed", "prefer ranks"]
    sd_by_system: Mapping[str, Number]
    sd_by_group: Mapping[str, Number]
    qq: Quantiles
    fitted: Sequence[Number]
    residual: Sequence[Number]


@dataclass(frozen=True, slots=True)
class RandomEffect:
    """Predicted effect of a participant or a song, with its conditional standard deviation."""

    level: str
    value: Number
    sd: Number


@dataclass(frozen=True, slots=True)
class MixedModel(PrimaryModel):
    """The linear mixed model; `residual_sd` is set if each system has its own residual variance."""

    reml_deviance: Number
    variance: Mapping[str, Number]
    variance_table: Sequence[VarianceShare]
    fixed: Sequence[Coefficient | TermNotEstimable]
    r2_marginal: Number
    r2_conditional: Number
    residuals: Residuals
    random: Mapping[str, Sequence[RandomEffect]]
    residual_sd: Mapping[str, Number] | None = absent()


@dataclass(frozen=True, slots=True)
class SystemLogit:
    """Effect of a system in logits, minus the mean of all systems; `caution`: see `FTest`."""

    system: str
    estimate: Number
    se: Number
    z: Number
    p: P
    caution: str | None = absent()


@dataclass(frozen=True, slots=True)
class OrdinalModel(PrimaryModel):
    """The cumulative link mixed model; `lr, df, p` compare it with a model without systems."""

    log_likelihood: Number
    penalised: bool
    bands: Sequence[Count]
    thresholds: Sequence[Number]
    coefficients: Sequence[SystemLogit | SystemNotEstimable]
    sd: Mapping[str, Number]
    lr: Number
    df: Count
    p: P


@dataclass(frozen=True, slots=True)
class SimplePair:
    """Difference of two systems in a sensitivity check, in points."""

    a: str
    b: str
    estimate: Number
    se: Number
    df: Number
    p: P
    p_holm: P


@dataclass(frozen=True, slots=True)
class ModelAgain(Section):
    """The mixed model for changed ratings: omnibus test of the systems, and pairs."""

    omnibus: FTest | NotEstimable
    pairs: Sequence[SimplePair]
