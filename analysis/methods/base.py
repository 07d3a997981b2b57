"""A method: it computes a section of `results.json` from the ratings of one attribute.

A method is one file of :mod:`analysis.methods` with a constant `METHOD`. The name of the file is
the key of the section (see docs/add-a-test.md).
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
    """Settings that methods use; `margin` is in points of the attribute's `scale`."""

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
        Rated rows of one attribute and of the compared systems, after exclusions.
    everybody
        Rated rows of the attribute before exclusions.
    systems
        The compared systems in alphabetical order, including systems that nobody rated.
    settings
        Settings of the analysis.
    shown
        `rows` and also the rows of a reference and of anchors, which are shown but not compared.
    found
        Sections computed so far, by the methods with a lower `place`.
    gated
        Participants excluded only by the criterion of expertise.
    answers
        Whether this is the primary attribute.
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
        """The input with one more section; values from the rows are not computed again."""
        following = replace(self, found=self.found.extended(key, part))
        known = {name: value for name, value in vars(self).items() if name not in vars(following)}
        vars(following).update(known)
        return following

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Listener means with replicates averaged; columns are (system, song), for all systems."""
        found = cell_means(self.rows)
        songs = found.columns.get_level_values(1).unique().sort_values()
        return found.reindex(columns=pd.MultiIndex.from_product([self.systems, songs]))

    @cached_property
    def means(self) -> pd.DataFrame:
        """Means of each listener over the songs on which the listener rated all systems, in points.

        Rows are all participants, with NaN for a participant who rated all systems on no song.
        Columns are the systems in alphabetical order, with NaN for a system without ratings. Tests
        of all systems together use the means of this function. Tests of pairs use `cells`, because
        two systems have more songs in common than all systems.
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
    """Condition that is true for all ratings."""
    return True


def with_groups(given: MethodInput) -> bool:
    """Condition that the ratings have at least two listener groups."""
    return len(given.groups) > 1


def as_model(name: PrimaryModel) -> Callable[[MethodInput], bool]:
    """Condition: the model is the primary model, or the attribute is the primary attribute."""
    return lambda given: given.answers or given.settings.model == name


@dataclass(frozen=True, slots=True)
class Method:
    """One section of an attribute's findings.

    Attributes
    ----------
    place
        Position of the section: sections with lower positions are computed and shown first.
    compute
        Function that makes the section from the input: a frozen dataclass, or a list of frozen
        dataclasses. The function raises `NotEstimableError` with one sentence if the data do not
        suffice.
    applies
        Function that says whether the section exists at all.
    title
        Heading under which the report shows the rows as a plain table; empty for sections for which
        the report has its own sentences.
    on_request
        Name by which the section must be requested; empty if the section is always computed.
    warning
        Sentence to print with the section; the notes keep it under the key of the section.
    planned
        Function that gives the variances that matter in future ratings; None if studies are not
        planned by this method. The function raises `ValueError` with one sentence if the variances
        cannot be computed.
    cost
        Time for 30 listeners, 15 songs and 4 systems, relative to the fastest method; used to
        estimate progress.
    """

    place: int
    compute: Callable[[MethodInput], object]
    applies: Callable[[MethodInput], bool] = always
    title: str = ""
    on_request: str = ""
    warning: str = ""
    planned: Callable[[RatingsToCome], PlannedModel] | None = None
    cost: float = 1.0
