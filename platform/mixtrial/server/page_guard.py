"""Handling of unexpected errors while a page is drawn: the log has them, a page apologises.

The half-drawn page is discarded: the run begins again and draws only the apology, until the reader
tries again. Streamlit's own box of errors is never shown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

logger = logging.getLogger(__name__)


@contextmanager
def guarded(pages: str) -> Iterator[None]:
    """Log an error of the block, and begin again with ``has_failed``.

    ``pages`` names the pages being drawn. Streamlit's own ways to end a run are passed on.
    """
    try:
        yield
    except Exception:
        logger.exception("a page of the %s could not be drawn", pages)
        st.session_state[_key(pages)] = True
        st.rerun()


def has_failed(pages: str) -> bool:
    """Whether the apology is due instead of the page."""
    return bool(st.session_state.get(_key(pages)))


def forget_failure(pages: str, kept: tuple[str, ...] = ()) -> None:
    """Prepare another try: the session's cache may be the cause; ``kept`` stays."""
    for name in list(st.session_state):
        if name not in kept or name == _key(pages):
            del st.session_state[name]


def _key(pages: str) -> str:
    return f"unexpected_error-{pages}"
