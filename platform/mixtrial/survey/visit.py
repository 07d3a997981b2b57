"""One visit: the study, and the participant that the link stands for, fresh from the database."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from db.records.participation import PageState, Participant
from mixtrial.server.installation import Installation
from mixtrial.server.language import Locale, study_locale
from stimuli.study.blind_header import check_blind
from stimuli.study.study import StudyError

TOKEN_PARAMETER = "p"
KEPT = "token"
"""Key under which a session keeps the token of its link."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page needs to be drawn."""

    installation: Installation
    participant: Participant

    @property
    def token(self) -> str:
        """The secret in the participant's link."""
        return self.participant.token

    @property
    def locale(self) -> Locale:
        """The texts in the study's language."""
        return study_locale(self.installation.study)


def is_built(installation: Installation) -> bool:
    """Whether every mix of the study is there to be heard, in files that tell nothing else."""
    if installation.manifest is None:
        return False
    try:
        installation.manifest.check_covers(installation.study)
        check_blind(installation.manifest)
    except StudyError:
        return False
    return True


def given_token() -> str | None:
    """Token of the link, or of this session when the link has lost it."""
    return st.query_params.get(TOKEN_PARAMETER) or kept_token().get(TOKEN_PARAMETER)


def kept_token() -> dict[str, str]:
    """Where this session's token is kept: put there in one step, which no second press can part.

    Any use of Streamlit's own state may end a run in favour of the next press.
    """
    kept: dict[str, str] = st.session_state.setdefault(KEPT, {})
    return kept


def keep_token(token: str) -> None:
    """Put the token into the address, so that a reload comes back to the same place."""
    kept_token()[TOKEN_PARAMETER] = token
    if st.query_params.get(TOKEN_PARAMETER) != token:
        st.query_params[TOKEN_PARAMETER] = token


def opened_page(visit: Visit, page_index: int) -> PageState:
    """State of a page, opened once in this session: each opening numbers its saves anew."""
    key = _opening_key(visit, page_index)
    if key not in st.session_state:
        st.session_state[key] = visit.installation.store.page_state(
            visit.token, page_index, opening=True
        )
    state: PageState = st.session_state[key]
    return state


def forget_opening(visit: Visit, page_index: int) -> None:
    """Have the page opened anew at its next drawing."""
    st.session_state.pop(_opening_key(visit, page_index), None)


def _opening_key(visit: Visit, page_index: int) -> str:
    return f"opening-{visit.token}-{page_index}"
