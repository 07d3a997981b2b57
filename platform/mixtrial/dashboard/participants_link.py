"""The address by which participants come in, as the researcher's own browser names this server."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from mixtrial.server.public_address import public_address


def participants_link() -> str | None:
    """Address of the survey; None where the browser does not tell its own."""
    page = urlsplit(st.context.url or "")
    if not page.netloc:
        return None
    return f"{page.scheme}://{page.netloc}{public_address().outer('/')}"
