"""Addresses of this server as the researcher's own browser names it: where participants come in."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from mixtrial.server.public_address import public_address


def participants_link() -> str | None:
    """Address of the survey; None where the browser does not tell its own."""
    return whole_address(public_address().outer("/"))


def whole_address(path: str) -> str | None:
    """A path of this server as a whole address; None where the browser does not tell its own."""
    page = urlsplit(st.context.url or "")
    return f"{page.scheme}://{page.netloc}{path}" if page.netloc else None
