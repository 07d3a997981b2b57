"""A method: it computes one section of `results.json` from the ratings of one attribute.

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
    """Settings that the methods use; `margin` is in points of the attribute's `scale`."""

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
        Rows with ratings of one attribute and of the compared systems; excluded participants are
        left out.
    everybody
        Rated rows of the attribute before exclusions.
    systems
        The compared systems in alphabetical order, including systems that nobody rated.
    settings
        Settings of the analysis.
    shown
        The rows in `rows`, and the rows of a reference and of anchors that are shown but not
        compared.
    found
        Sections that were computed earlier, by methods with a lower `place`.
    gated
        Participants who are excluded by the criterion of expertise and by no other rule.
    answers
        Whether the attribute is the primary attribute.
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
        """The same input with one more section; values already computed from the rows are kept."""
        following = replace(self, found=self.found.extended(key, part))
        known = {name: value for name, value in vars(self).items() if name not in vars(following)}
        vars(following).update(known)
        return following

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Listener means, with repeated ratings averaged; a column is a (system, song)."""
        found = cell_means(self.rows)
        songs = found.columns.get_level_values(1).unique().sort_values()
        return found.reindex(columns=pd.MultiIndex.from_product([self.systems, songs]))

    @cached_property
    def means(self) -> pd.DataFrame:
        """Each listener's means, in points, over the songs on which the listener rated all systems.

        Each participant has one row, which is NaN if the participant rated all systems on no song.
        Each system has one column, in alphabetical order; the column is NaN if the system has no
        ratings. Tests of all systems together use the means that this function returns. Tests of
        pairs use `cells`, because two systems usually have more common songs than all systems
        together.
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
    """Condition that is always true."""
    return True


def with_groups(given: MethodInput) -> bool:
    """Condition that the ratings have at least two listener groups."""
    return len(given.groups) > 1


def as_model(name: PrimaryModel) -> Callable[[MethodInput], bool]:
    """Condition: the model is the primary one, or the attribute is the primary one."""
    return lambda given: given.answers or given.settings.model == name


@dataclass(frozen=True, slots=True)
class Method:
    """One section of an attribute's findings.

    Attributes
    ----------
    place
        Position of the section. Sections with a lower position are computed first and shown first.
    compute
        Function that makes the section from the input; a section is a frozen dataclass or a list of
        frozen dataclasses. The function raises `NotEstimableError` with one sentence if there are
        too few data.
    applies
        Function that says whether the section exists.
    title
        Heading of the plain table in which the report shows the rows; empty if the report describes
        the section in sentences.
    on_request
        Name by which a user requests the section; empty if every analysis computes it.
    warning
        Sentence that is printed with the section; it is stored in the notes, under the key of the
        section.
    planned
        Function that returns the variances of future ratings, for planning; None if the method
        cannot be used for planning. The function raises `ValueError` with one sentence if the
        variances cannot be computed.
    cost
        Time for 30 listeners, 15 songs and 4 systems, as a multiple of the fastest method's time;
        for the progress bar.
    """

    place: int
    compute: Callable[[MethodInput], object]
    applies: Callable[[MethodInput], bool] = always
    title: str = ""
    on_request: str = ""
    warning: str = ""
    planned: Callable[[RatingsToCome], PlannedModel] | None = None
    cost: float = 1.0
