"""The state of a study at one moment, as the views need it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from db.records import Action
from mixtrial.installation import Installation

FRESH_S = 5.0
"""Views that are drawn again within this time share what was read."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Participants and pages of a study, its status, and what researchers did to it."""

    here: Installation
    participants: pd.DataFrame
    pages: pd.DataFrame
    status: str
    actions: tuple[Action, ...]
    with_simulated: bool = True

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
        """Return the ratings of these participants, training left out."""
        table = _ratings(self.here)
        kept = table["page_kind"] == "rating"
        if not self.with_simulated:
            kept &= table["participant_kind"] != "simulated"
        return table[kept]


def take_snapshot(here: Installation) -> Snapshot:
    """Read the state of the study."""
    study = here.study.identifier
    participants, pages = _people(here)
    return Snapshot(
        here=here,
        participants=participants,
        pages=pages,
        status=here.store.study_status(study),
        actions=here.store.actions(study),
    )


def _key(here: Installation) -> tuple[str, str]:
    """What tells one study's tables from another's in the cache."""
    return here.settings.database_url, here.study.identifier


@st.cache_data(ttl=FRESH_S, show_spinner=False, hash_funcs={Installation: _key})
def _people(here: Installation) -> tuple[pd.DataFrame, pd.DataFrame]:
    study = here.study.identifier
    participants, pages = here.store.participants(study), here.store.pages(study)
    for column in ("created_at", "finished_at"):
        participants[column] = pd.to_datetime(participants[column], utc=True)
    for column in ("opened_at", "closed_at"):
        pages[column] = pd.to_datetime(pages[column], utc=True)
    return participants, pages


@st.cache_data(ttl=FRESH_S, show_spinner=False, hash_funcs={Installation: _key})
def _ratings(here: Installation) -> pd.DataFrame:
    return here.store.ratings(here.study.identifier)
