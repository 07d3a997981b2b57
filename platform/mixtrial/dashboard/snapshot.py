"""The state of a study at one moment, as the views need it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd
import streamlit as st

from analysis.exclusions.difference_grades import difference_grades
from analysis.ratings.table import GRADED_AGAINST
from db.records.study import Action
from mixtrial.dashboard.kept_tables import KeptTables, kept_tables
from mixtrial.dashboard.names import part_titles
from mixtrial.exports.trials import told_trials
from mixtrial.language.spoken import told
from mixtrial.server.installation import Installation
from stimuli.page_types.base import Part
from stimuli.study_keys.rated_scale import Attribute, RatingScale

T = TypeVar("T")

PAGE_TIMES, PARTICIPANT_TIMES = ("opened_at", "closed_at"), ("created_at", "finished_at")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Participants of a study, its status, its tables, and the actions of researchers."""

    installation: Installation
    tables: KeptTables
    participants: pd.DataFrame
    status: str
    actions: tuple[Action, ...]
    with_simulated: bool = True
    part: str | None = None

    @property
    def rated_parts(self) -> tuple[Part, ...]:
        """Parts with answers on a scale."""
        return tuple(part for part in self.installation.study.page_parts if part.has_ratings)

    @property
    def shown_part(self) -> Part | None:
        """The shown part: the chosen part, otherwise the first part with ratings."""
        parts = self.rated_parts
        return next((p for p in parts if p.name == self.part), parts[0] if parts else None)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Questions of the shown part."""
        names = self.shown_part.attributes if self.shown_part else ()
        return tuple(each for each in self.installation.study.attributes if each.name in names)

    @property
    def scale(self) -> RatingScale:
        """Scale of the shown part."""
        part = self.shown_part
        return self.installation.study.scale if part is None else part.analysed(part.scale)

    def attributes_by_scale(self) -> list[tuple[RatingScale, list[str]]]:
        """Names of the shown questions, grouped by scale."""
        found: dict[str, tuple[RatingScale, list[str]]] = {}
        for attribute in self.attributes:
            part = self.shown_part
            own = part.analysed(part.scales[attribute.name]) if part else self.scale
            scale = self.scale if str(own) == str(self.scale) else own
            found.setdefault(str(scale), (scale, []))[1].append(attribute.name)
        return list(found.values())

    @property
    def unblinding(self) -> Action | None:
        """Time at which the systems' names were uncovered; None while they are still hidden."""
        return next((action for action in self.actions if action.kind == "unblind"), None)

    @property
    def pages(self) -> pd.DataFrame:
        """All pages in the plans of the snapshot's participants, with their times."""
        return self._of_these("pages", self.worked_out("pages", self._timed_pages))

    @property
    def plans(self) -> pd.DataFrame:
        """All stimuli in the plans of the snapshot's participants."""
        store, study = self.installation.store, self.installation.study.identifier
        return self._of_these("plans", self.tables.table("plans", store.plans, study))

    def worked_out(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """Data that are kept until a participant progresses; do not change the data."""
        return self.tables.worked_out(self._key(key), work_out)

    def worked_out_lately(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """Data as from :meth:`worked_out`, but they can come from an earlier reading."""
        return self.tables.worked_out_lately(self._key(key), work_out)

    def _key(self, key: Hashable) -> Hashable:
        return key, self.with_simulated, self.shown_part.name if self.shown_part else ""

    def without_simulated(self) -> Snapshot:
        """The snapshot with real participants only."""
        real = self.participants[self.participants["participant_kind"] != "simulated"]
        return replace(self, participants=real, with_simulated=False)

    def _timed_pages(self) -> pd.DataFrame:
        store, study = self.installation.store, self.installation.study.identifier
        return _with_times(self.tables.table("pages", store.pages, study), PAGE_TIMES)

    def _of_these(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """Rows of the snapshot's participants; all rows if the table has nobody else."""
        if self.with_simulated:
            return table
        people = self.participants["participant"]
        return self.worked_out(("these", name), lambda: _rows_of(table, people))

    def ratings(self) -> pd.DataFrame:
        """Return the analysed ratings of one part, without training pages."""
        return self.worked_out("ratings", self._analysed)

    def _analysed(self) -> pd.DataFrame:
        store, study = self.installation.store, self.installation.study
        table = self.tables.table("ratings", store.ratings, study.identifier)
        kept = table["phase"] == "rating"
        if study.parts:
            kept &= table["part"] == (self.shown_part.name if self.shown_part else "")
        if not self.with_simulated:
            kept &= table["participant_kind"] != "simulated"
        rows = table if kept.all() else table[kept]
        reference = self.shown_part.options.graded_against if self.shown_part else ""
        return difference_grades(rows.assign(**{GRADED_AGAINST: reference})) if reference else rows

    def trials(self) -> pd.DataFrame:
        """Return the participants' choices between mixes, without training pages."""
        table = told_trials(self.installation)
        kept = table["phase"] == "rating"
        if not self.with_simulated:
            kept &= table["participant_kind"] != "simulated"
        return table[kept]


def with_chosen_part(snapshot: Snapshot) -> Snapshot:
    """Draw the choice between parts with ratings; return the snapshot of the chosen part."""
    names = [part.name for part in snapshot.rated_parts]
    if len(names) < 2:
        return snapshot
    titles = part_titles(snapshot.installation.study)
    chosen = st.selectbox(
        told("Part of the study"), names, format_func=titles.__getitem__, width=360
    )
    return replace(snapshot, part=chosen)


def take_snapshot(installation: Installation) -> Snapshot:
    """Read the state of the study as it is now."""
    study, tables = installation.study.identifier, kept_tables(installation)
    tables.look(installation)

    def people() -> pd.DataFrame:
        table = tables.table("participants", installation.store.participants, study)
        return _with_times(table, PARTICIPANT_TIMES)

    return Snapshot(
        installation=installation,
        tables=tables,
        participants=tables.worked_out("participants", people),
        status=installation.store.study_status(study),
        actions=installation.store.actions(study),
    )


def _with_times(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Convert the texts in the given columns of a table to times."""
    times = {name: pd.to_datetime(table[name], utc=True, format="ISO8601") for name in columns}
    return table.assign(**times)


def _rows_of(table: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    return table[table["participant"].isin(people)]
