"""All findings about one attribute; each field is a section with the name of its method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from analysis.defaults import PrimaryModel as ModelName
from analysis.findings.checks import Agreement, BetweenParticipants, Expertise, Power, Sensitivity
from analysis.findings.described import (
    AgainstZero,
    DesignGraph,
    OpinionScore,
    SongDescription,
    SubjectModel,
    SystemDescription,
)
from analysis.findings.models import MixedModel, OrdinalModel
from analysis.findings.omnibus import FriedmanSection, Groups, RmAnova
from analysis.findings.pairs import (
    EffectSizeRows,
    EquivalenceTests,
    PairedTs,
    PooledMannWhitney,
    SignFlips,
    Wilcoxons,
)
from analysis.findings.sections import Count, NotEstimable, Number, absent, computed
from analysis.scale import Scale

AnyModel = MixedModel | OrdinalModel


@dataclass(frozen=True, slots=True)
class Attribute:
    """Findings of one attribute after exclusions; `margin` is in points of the `scale`.

    `further` contains the findings of methods from other packages, each under the key of its
    method. In results.json, the findings of methods from other packages are beside the sections
    that are fields of this record.
    """

    scale: Scale
    margin: Number
    primary_model: ModelName
    n_ratings: Count
    n_participants: Count
    descriptives: Sequence[SystemDescription] | NotEstimable | None = computed()
    songs: Sequence[SongDescription] | NotEstimable | None = computed()
    opinion_scores: Sequence[OpinionScore] | NotEstimable | None = absent()
    subject_model: SubjectModel | NotEstimable | None = absent()
    overlap: DesignGraph | NotEstimable | None = computed()
    lmm: MixedModel | NotEstimable | None = computed()
    lmm_unequal: MixedModel | NotEstimable | None = absent()
    ordinal: OrdinalModel | NotEstimable | None = absent()
    against_zero: Sequence[AgainstZero] | NotEstimable | None = absent()
    friedman: FriedmanSection | NotEstimable | None = computed()
    rm_anova: RmAnova | NotEstimable | None = computed()
    paired_t: PairedTs | NotEstimable | None = computed()
    wilcoxon: Wilcoxons | NotEstimable | None = computed()
    sign_flip: SignFlips | NotEstimable | None = computed()
    tost: EquivalenceTests | NotEstimable | None = computed()
    effect_sizes: EffectSizeRows | NotEstimable | None = computed()
    pooled_mann_whitney: Sequence[PooledMannWhitney] | NotEstimable | None = absent()
    groups: Groups | NotEstimable | None = absent()
    labs: BetweenParticipants | NotEstimable | None = absent()
    arms: BetweenParticipants | NotEstimable | None = absent()
    languages: BetweenParticipants | NotEstimable | None = absent()
    pooled_mann_whitney_by_group: Sequence[PooledMannWhitney] | NotEstimable | None = absent()
    agreement: Agreement | NotEstimable | None = computed()
    power: Power | NotEstimable | None = computed()
    sensitivity: Sensitivity | NotEstimable | None = computed()
    expertise: Expertise | NotEstimable | None = absent()
    further: Mapping[str, object] = field(default_factory=dict)

    def model(self, name: ModelName | None = None) -> AnyModel | NotEstimable | None:
        """Section of the primary model; if a name is given, section of the model with this name."""
        sections: dict[ModelName, AnyModel | NotEstimable | None] = {
            "lmm": self.lmm, "lmm_unequal": self.lmm_unequal, "ordinal": self.ordinal,
        }  # fmt: skip
        return sections[name or self.primary_model]

    @property
    def keys(self) -> list[str]:
        """Keys of the sections that exist in these findings."""
        own = (each.name for each in fields(self) if each.metadata.get("absent"))
        return [*(key for key in own if getattr(self, key) is not None), *self.further]

    def extended(self, key: str, section: object) -> Attribute:
        """The same findings of the attribute, with one more section."""
        if any(each.name == key for each in fields(self)):
            own: Mapping[str, Any] = {key: section}
            return replace(self, **own)
        return replace(self, further={**self.further, key: section})
