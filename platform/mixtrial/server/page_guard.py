"""Behaviour when drawing a page fails in a way nobody foresaw: the log has it, a page says it.

The half-drawn page is given up: the run is begun anew and draws nothing but the apology, until
whoever reads it tries again. Streamlit's own box of errors is never seen.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

logger = logging.getLogger(__name__)


@contextmanager
def guarded(pages: str) -> Iterator[None]:
    """Note in the log what fails inside, and begin anew with ``has_failed``.

    ``pages`` names what was being drawn. Streamlit's own ways to end a run pass through.
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
    """Make ready for another try: the session's cache may be what failed; ``kept`` stays."""
    for name in list(st.session_state):
        if name not in kept or name == _key(pages):
            del st.session_state[name]


def _key(pages: str) -> str:
    return f"unexpected_error-{pages}"
