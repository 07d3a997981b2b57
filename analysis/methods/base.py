"""A method: a section of `results.json`, computed from the ratings of one attribute.

A method is one file of :mod:`analysis.methods` with a constant `METHOD`; the file's name is the
section's key (see docs/add-a-test.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import pandas as pd

from analysis.defaults import PrimaryModel
from analysis.findings.attribute import Attribute
from analysis.findings.screening import ExpertiseGate
from analysis.methods.planned import PlannedModel, RatingsToCome
from analysis.ratings.table import cell_means, participant_groups
from analysis.scale import Scale
from analysis.statistics.pairs import common_means


class MethodSettings(Protocol):
    """The settings that methods read; `margin` is in points of the attribute's `scale`."""

    @property
    def margin(self) -> float: ...  # noqa: D102
    @property
    def scale(self) -> Scale: ...  # noqa: D102
    @property
    def df_method(self) -> str: ...  # noqa: D102
    @property
    def model(self) -> PrimaryModel: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def n_bootstrap(self) -> int: ...  # noqa: D102
    @property
    def expertise(self) -> ExpertiseGate | None: ...  # noqa: D102
    @property
    def opinion_score(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True)
class MethodInput:
    """Input of a method.

    Attributes
    ----------
    rows
        Rated rows of one attribute and of the systems that are compared, after exclusions.
    everybody
        The same before exclusions.
    systems
        The systems that are compared, in alphabetical order, also those that nobody rated.
    settings
        Settings of the analysis.
    shown
        `rows` with those of a reference and of anchors that are shown and not compared.
    found
        Sections found so far: those of a lower `place`.
    gated
        Participants excluded only by the criterion of expertise.
    answers
        Whether this is the attribute that answers.
    """

    rows: pd.DataFrame
    everybody: pd.DataFrame
    systems: list[str]
    settings: MethodSettings
    shown: pd.DataFrame
    found: Attribute
    gated: frozenset[str] = frozenset()
    answers: bool = True

    def with_section(self, key: str, part: object) -> "MethodInput":
        """The same with one more section, without recomputing values of the rows."""
        following = replace(self, found=self.found.extended(key, part))
        known = {name: value for name, value in vars(self).items() if name not in vars(following)}
        vars(following).update(known)
        return following

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Ratings of each listener, replicates averaged: columns (system, song), all systems."""
        found = cell_means(self.rows)
        songs = found.columns.get_level_values(1).unique().sort_values()
        return found.reindex(columns=pd.MultiIndex.from_product([self.systems, songs]))

    @cached_property
    def means(self) -> pd.DataFrame:
        """Listener means over the songs on which the listener rated every system, in points.

        Rows are all participants, NaN for one without such a song; columns the systems in
        alphabetical order, NaN for one without ratings. Tests of all systems at once take them;
        tests of pairs take `cells`, because two systems have more songs in common than all.
        """
        return common_means(self.cells)

    @cached_property
    def group_of(self) -> pd.Series:
        """Listener group of each participant."""
        return participant_groups(self.rows)

    @cached_property
    def groups(self) -> list[str]:
        """Names of the listener groups, sorted."""
        return sorted(self.group_of.unique())


def always(_given: MethodInput) -> bool:
    """Run on any ratings."""
    return True


def with_groups(given: MethodInput) -> bool:
    """Run where there are two listener groups or more."""
    return len(given.groups) > 1


def as_model(name: PrimaryModel) -> Callable[[MethodInput], bool]:
    """Run for a primary model, and for the primary attribute besides its primary model."""
    return lambda given: given.answers or given.settings.model == name


@dataclass(frozen=True, slots=True)
class Method:
    """One section of an attribute's findings.

    Attributes
    ----------
    place
        Position among the others: lower ones are computed and shown first.
    compute
        Function that makes the section from the input: a frozen dataclass, or a list of them.
        Raises `NotEstimableError` with one sentence where the data cannot carry it.
    applies
        Whether the section exists at all.
    title
        Heading under which the report shows the rows as a plain table; empty for sections that
        the report words itself.
    on_request
        Name for which the section must be requested; empty: it is always computed.
    warning
        Sentence to print with the section, kept among the notes under its key.
    planned
        Function that gives its variances in future ratings; None if studies are not planned by
        it. It raises `ValueError` with one sentence where they cannot be computed.
    cost
        Time for 30 listeners, 15 songs and 4 systems, in units of the shortest, for the estimate of
        progress.
    """

    place: int
    compute: Callable[[MethodInput], object]
    applies: Callable[[MethodInput], bool] = always
    title: str = ""
    on_request: str = ""
    warning: str = ""
    planned: Callable[[RatingsToCome], PlannedModel] | None = None
    cost: float = 1.0
