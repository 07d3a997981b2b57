"""Addresses of this server, with the host name that the researcher's browser uses."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from mixtrial.server.public_address import public_address


def participants_link() -> str | None:
    """Address of the survey; None if the browser does not report its own address."""
    return whole_address(public_address().outer("/"))


def whole_address(path: str) -> str | None:
    """A path of this server as a full address; None if the browser reports no address."""
    page = urlsplit(st.context.url or "")
    return f"{page.scheme}://{page.netloc}{path}" if page.netloc else None
