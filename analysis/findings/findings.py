"""Content of results.json: settings, data, screening, attributes, multiplicity, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from analysis.defaults import DEFAULT_MODEL, PrimaryModel
from analysis.findings.attribute import Attribute
from analysis.findings.models import DfName
from analysis.findings.screening import Exclusion, ExpertiseGate, Screening
from analysis.findings.sections import Count, NotEstimable, P, absent
from analysis.findings.trials import Trials
from analysis.scale import SCALE, Scale

SCHEMA_VERSION: Literal[2] = 2

Omnibus = Literal["lmm", "lmm_unequal", "ordinal", "friedman"]
"""Section whose test of all systems is adjusted over the attributes."""

FRIEDMAN: Literal["friedman"] = "friedman"


@dataclass(frozen=True)
class Settings:
    """Settings of an analysis; all are chosen before anybody sees the ratings.

    `margin` and `scale` can differ between attributes, and are therefore stored with the findings
    of each attribute. `apart` lists the reference and the anchors that are shown but not compared
    with the other systems.
    """

    margin: Annotated[float, Field(gt=0)]
    df_method: DfName
    seed: int
    confirmatory: Sequence[str] | None
    reference: str | None
    mid_anchor: str | None
    n_bootstrap: Count
    low_anchor: str | None = None
    page_type: str = ""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    scale: Scale = SCALE
    apart: Sequence[str] = ()
    expertise: ExpertiseGate | None = None
    model: PrimaryModel = DEFAULT_MODEL
    opinion_score: str | None = absent()


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of the programs that were used."""

    mixtrial: str
    python: str
    numpy: str
    scipy: str
    pandas: str
    statsmodels: str


@dataclass(frozen=True, slots=True)
class Data:
    """Counts of the data, excluded participants included; `sha256` is None without ratings."""

    n_participants: Count = 0
    n_songs: Count = 0
    n_systems: Count = 0
    n_attributes: Count = 0
    n_ratings: Count = 0
    n_missing: Count = 0
    participants: Sequence[str] = ()
    songs: Sequence[str] = ()
    systems: Sequence[str] = ()
    groups: Sequence[str] = ()
    attributes: Sequence[str] = ()
    group_sizes: Mapping[str, Count] = field(default_factory=dict)
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    excluded: Sequence[Exclusion] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class AdjustedP:
    """p of an attribute's omnibus test, adjusted for the number of attributes in its family."""

    attribute: str
    family: Annotated[str, Field(pattern="^(confirmatory|exploratory)$")]
    test: Omnibus
    p: P
    p_adjusted: P
    method: Annotated[str, Field(pattern="^(holm|benjamini-hochberg)$")]


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """Omnibus tests of all attributes."""

    rows: Sequence[AdjustedP] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """All numbers of an analysis; docs/results.md explains the numbers."""

    settings: Settings
    versions: Versions
    data: Data
    screening: Screening
    attributes: Mapping[str, Attribute | NotEstimable]
    multiplicity: Multiplicity
    notes: Mapping[str, str]
    schema_version: Literal[2] = SCHEMA_VERSION
    trials: Trials | None = None
