"""Options of a report, and their defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from analysis.defaults import DEFAULT_DF_METHOD, DEFAULT_MODEL, DfMethod, PrimaryModel
from analysis.prediction.mapping import DEFAULT_MAPPING, MappingName
from analysis.ratings.roles import kept_apart
from stimuli.study_keys.declared_plan import DeclaredPlan


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """Options of a report; if an option is None, the declared plan or the default decides."""

    df_method: DfMethod | None = None
    margin: float | None = None
    primary: str | None = None
    reference: str | None = None
    mid_anchor: str | None = None
    seed: int | None = None
    unfinished: bool | None = None
    without_simulated: bool | None = None
    low_anchor: str | None = None
    part: str | None = None
    invited: int | None = None
    also: tuple[str, ...] | None = None
    with_roles: bool | None = None
    model: PrimaryModel | None = None
    opinion_score: str | None = None
    measures: tuple[str, ...] | None = None
    mapping: MappingName | None = None

    def over(self, other: ReportOptions) -> ReportOptions:
        """These options; an option that is not set is taken from others, such as an archive's."""
        return replace(other, **_given(self))

    def among(self, participants: pd.DataFrame) -> ReportOptions:
        """Options that leave out simulated participants if there are also real participants.

        An explicit choice of the user about simulated participants is kept.
        """
        is_mixed = len(set(participants["participant_kind"])) > 1
        if self.without_simulated is not None or not is_mixed:
            return self
        return replace(self, without_simulated=True)

    def settled(self, plan: DeclaredPlan | None) -> SettledOptions:
        """These options; an option that is not set comes from the plan, else from the defaults."""
        declared = ReportOptions()
        if plan is not None:
            declared = ReportOptions(
                df_method=plan.df_method,
                margin=plan.margin,
                primary=plan.primary,
                reference=plan.reference,
                mid_anchor=plan.mid_anchor,
                low_anchor=plan.low_anchor,
                unfinished=not plan.exclude_unfinished,
                also=plan.also,
                with_roles=plan.with_roles,
                model=plan.model,
            )
        return SettledOptions(**_given(self.over(declared)))


@dataclass(frozen=True, slots=True)
class SettledOptions(ReportOptions):
    """Options for the analysis; only an option that needs no choice can be None."""

    df_method: DfMethod = DEFAULT_DF_METHOD
    seed: int = 1
    unfinished: bool = False
    without_simulated: bool = False
    also: tuple[str, ...] = ()
    with_roles: bool = False
    model: PrimaryModel = DEFAULT_MODEL
    mapping: MappingName = DEFAULT_MAPPING

    def with_marks(self, marks: Mapping[str, str], rated: Iterable[str]) -> SettledOptions:
        """These options; by default, the reference and anchors are those that the part declares.

        Parameters
        ----------
        marks
            Systems of the part, by the key that declares their role.
        rated
            Systems that were rated.
        """
        there = set(rated)
        own = {key: name for key, name in marks.items() if name in there}
        return replace(
            self,
            reference=self.reference or own.get("reference"),
            mid_anchor=self.mid_anchor or own.get("mid_anchor"),
            low_anchor=self.low_anchor or own.get("low_anchor"),
        )

    def apart(self, plan: DeclaredPlan | None, rated: Iterable[str]) -> tuple[str, ...]:
        """Reference and anchors among the rated systems, which are shown but not compared."""
        roles = (self.reference, self.mid_anchor, self.low_anchor)
        return kept_apart(rated, roles, plan.claimed_pairs if plan else (), self.with_roles)


def _given(options: ReportOptions) -> dict[str, Any]:
    return {key: value for key, value in asdict(options).items() if value is not None}
