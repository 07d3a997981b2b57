"""The token of the participant's link: in the address, and stored in the session."""

from __future__ import annotations

import streamlit as st

TOKEN_PARAMETER = "p"
KEPT = "token"
"""Key under which a session keeps the token of its link."""


def given_token() -> str | None:
    """Token of the link; if the link has lost its token, the token of this session."""
    return st.query_params.get(TOKEN_PARAMETER) or kept_token().get(TOKEN_PARAMETER)


def kept_token() -> dict[str, str]:
    """Storage for this session's token, written in one step that a second click cannot stop.

    If a run uses Streamlit's own state, the next click can end the run.
    """
    kept: dict[str, str] = st.session_state.setdefault(KEPT, {})
    return kept


def keep_token(token: str) -> None:
    """Put the token into the address, so that a reload returns to the same page."""
    kept_token()[TOKEN_PARAMETER] = token
    if st.query_params.get(TOKEN_PARAMETER) != token:
        st.query_params[TOKEN_PARAMETER] = token
