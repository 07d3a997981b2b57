"""The address of a preview, which contains the first page, the language and the arm."""

from __future__ import annotations

from urllib.parse import urlencode

from mixtrial.server.headers import PREVIEW
from mixtrial.server.public_address import public_address

LANGUAGE, ARM = "language", "arm"


def preview_address(station: str, language: str | None = None, arm: str | None = None) -> str:
    """Address at which signed-in people preview a page; None means the study's language."""
    said = {PREVIEW: station, LANGUAGE: language, ARM: arm}
    query = urlencode({name: value for name, value in said.items() if value is not None})
    return f"{public_address().outer('/')}?{query}"
