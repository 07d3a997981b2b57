"""The token of the participant's link: in the address, and kept in the session."""

from __future__ import annotations

import streamlit as st

TOKEN_PARAMETER = "p"
KEPT = "token"
"""Key under which a session keeps the token of its link."""


def given_token() -> str | None:
    """Token of the link, or of this session when the link has lost it."""
    return st.query_params.get(TOKEN_PARAMETER) or kept_token().get(TOKEN_PARAMETER)


def kept_token() -> dict[str, str]:
    """Place of this session's token, stored in one step that a second press cannot interrupt.

    Any use of Streamlit's own state may end a run because of the next press.
    """
    kept: dict[str, str] = st.session_state.setdefault(KEPT, {})
    return kept


def keep_token(token: str) -> None:
    """Put the token into the address, so that a reload comes back to the same place."""
    kept_token()[TOKEN_PARAMETER] = token
    if st.query_params.get(TOKEN_PARAMETER) != token:
        st.query_params[TOKEN_PARAMETER] = token
