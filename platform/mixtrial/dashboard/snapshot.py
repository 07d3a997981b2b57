"""The state of a study at one moment, as the views need it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from analysis.exclusions.difference_grades import difference_grades
from analysis.ratings.table import GRADED_AGAINST
from db.records.study import Action
from mixtrial.dashboard.names import part_titles
from mixtrial.exports.trials import told_trials
from mixtrial.language.spoken import told
from mixtrial.server.installation import Installation
from stimuli.page_types.base import Part
from stimuli.study_keys.rated_scale import Attribute, RatingScale

FRESH_S = 5.0
"""Views that are drawn again within this time share what was read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Participants and pages of a study, its status, and what researchers did to it."""

    installation: Installation
    participants: pd.DataFrame
    pages: pd.DataFrame
    status: str
    actions: tuple[Action, ...]
    with_simulated: bool = True
    part: str | None = None

    @property
    def rated_parts(self) -> tuple[Part, ...]:
        """Parts whose answers stand on a scale."""
        return tuple(part for part in self.installation.study.page_parts if part.has_ratings)

    @property
    def shown_part(self) -> Part | None:
        """Part that is looked at: the chosen one, else the first that has ratings."""
        parts = self.rated_parts
        return next((p for p in parts if p.name == self.part), parts[0] if parts else None)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Questions of the part that is looked at."""
        names = self.shown_part.attributes if self.shown_part else ()
        return tuple(each for each in self.installation.study.attributes if each.name in names)

    @property
    def scale(self) -> RatingScale:
        """Scale of the part that is looked at."""
        part = self.shown_part
        return self.installation.study.scale if part is None else part.analysed(part.scale)

    def attributes_by_scale(self) -> list[tuple[RatingScale, list[str]]]:
        """Names of the questions that are looked at, those of one scale together."""
        found: dict[str, tuple[RatingScale, list[str]]] = {}
        for attribute in self.attributes:
            part = self.shown_part
            own = part.analysed(part.scales[attribute.name]) if part else self.scale
            scale = self.scale if str(own) == str(self.scale) else own
            found.setdefault(str(scale), (scale, []))[1].append(attribute.name)
        return list(found.values())

    @property
    def unblinding(self) -> Action | None:
        """When the systems' names were uncovered; None while the ratings are blind."""
        return next((action for action in self.actions if action.kind == "unblind"), None)

    def without_simulated(self) -> Snapshot:
        """The same, of real participants only."""
        real = self.participants[self.participants["participant_kind"] != "simulated"]
        pages = self.pages[self.pages["participant"].isin(real["participant"])]
        return replace(self, participants=real, pages=pages, with_simulated=False)

    def ratings(self) -> pd.DataFrame:
        """Return what is analysed of these participants in one part, training left out."""
        table = _ratings(self.installation)
        if self.installation.study.parts:
            table = table[table["part"] == (self.shown_part.name if self.shown_part else "")]
        kept = table["phase"] == "rating"
        if not self.with_simulated:
            kept &= table["participant_kind"] != "simulated"
        reference = self.shown_part.options.graded_against if self.shown_part else ""
        if not reference:
            return table[kept]
        return difference_grades(table[kept].assign(**{GRADED_AGAINST: reference}))

    def trials(self) -> pd.DataFrame:
        """Return the choices of these participants between mixes, training left out."""
        table = told_trials(self.installation)
        kept = table["phase"] == "rating"
        if not self.with_simulated:
            kept &= table["participant_kind"] != "simulated"
        return table[kept]


def with_chosen_part(snapshot: Snapshot) -> Snapshot:
    """Draw the choice of a part where several have ratings; the snapshot that looks at it."""
    names = [part.name for part in snapshot.rated_parts]
    if len(names) < 2:
        return snapshot
    titles = part_titles(snapshot.installation.study)
    chosen = st.selectbox(
        told("Part of the study"), names, format_func=titles.__getitem__, width=360
    )
    return replace(snapshot, part=chosen)


def take_snapshot(installation: Installation) -> Snapshot:
    """Read the state of the study."""
    study = installation.study.identifier
    participants, pages = _people(installation)
    return Snapshot(
        installation=installation,
        participants=participants,
        pages=pages,
        status=installation.store.study_status(study),
        actions=installation.store.actions(study),
    )


def _key(installation: Installation) -> tuple[str, str]:
    """What tells one study's tables from another's in the cache."""
    return installation.settings.database_url, installation.study.identifier


@st.cache_data(ttl=FRESH_S, show_spinner=False, hash_funcs={Installation: _key})
def _people(installation: Installation) -> tuple[pd.DataFrame, pd.DataFrame]:
    study = installation.study.identifier
    participants, pages = installation.store.participants(study), installation.store.pages(study)
    for column in ("created_at", "finished_at"):
        participants[column] = pd.to_datetime(participants[column], utc=True)
    for column in ("opened_at", "closed_at"):
        pages[column] = pd.to_datetime(pages[column], utc=True)
    return participants, pages


@st.cache_data(ttl=FRESH_S, show_spinner=False, hash_funcs={Installation: _key})
def _ratings(installation: Installation) -> pd.DataFrame:
    return installation.store.ratings(installation.study.identifier)
