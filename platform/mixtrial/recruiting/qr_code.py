"""The link of a study as a QR code, to print or to display."""

from __future__ import annotations

import io
from typing import Literal

import segno

QrKind = Literal["png", "svg"]
MEDIA_TYPES: dict[str, str] = {"png": "image/png", "svg": "image/svg+xml"}

MODULE_PX = 12
"""Side of one dark square: a code of 29 by 29 is 4 cm wide at 300 dots an inch."""

QUIET_ZONE = 4
"""Light squares around the code (ISO/IEC 18004 asks for four)."""


def qr_code(link: str, kind: QrKind) -> bytes:
    """QR code of a link, dark on white, readable even if 15 % of the code is damaged.

    Parameters
    ----------
    link
        Address that a phone opens when it reads the code.
    kind
        ``png`` has squares of ``MODULE_PX`` pixels, and ``svg`` has no fixed size.
    """
    file = io.BytesIO()
    code = segno.make(link, error="m", micro=False)
    colours = {"dark": "#000", "light": "#fff"}
    if kind == "png":
        code.save(file, kind="png", scale=MODULE_PX, border=QUIET_ZONE, **colours)
    else:
        code.save(file, kind="svg", border=QUIET_ZONE, omitsize=True, **colours)
    return file.getvalue()
