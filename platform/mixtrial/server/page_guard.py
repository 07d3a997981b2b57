"""Handling of unexpected errors while a page is drawn: log the error and show an apology.

The half-drawn page is discarded. The run begins again and draws only the apology, until the reader
tries again. Streamlit's own error box is never shown.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

logger = logging.getLogger(__name__)


@contextmanager
def guarded(pages: str) -> Iterator[None]:
    """Log an error raised in the ``with`` block, and run the page again with ``has_failed``.

    ``pages`` names the pages that are being drawn. Streamlit's own exceptions that end a run are
    passed on.
    """
    try:
        yield
    except Exception:
        logger.exception("a page of the %s could not be drawn", pages)
        st.session_state[_key(pages)] = True
        st.rerun()


def has_failed(pages: str) -> bool:
    """Whether the apology must be shown instead of the page."""
    return bool(st.session_state.get(_key(pages)))


def forget_failure(pages: str, kept: tuple[str, ...] = ()) -> None:
    """Clear the session's state, a possible cause of the error; the entries ``kept`` stay."""
    for name in list(st.session_state):
        if name not in kept or name == _key(pages):
            del st.session_state[name]


def _key(pages: str) -> str:
    return f"unexpected_error-{pages}"
