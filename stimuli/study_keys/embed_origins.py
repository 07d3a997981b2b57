"""Sites that are allowed to show the survey in a frame of their pages: the key ``embed_origins``.

Conventions
-----------
An origin is the browser's name of a site: ``https://``, the host name, and the port if it is not
the default port. The key ``embed_origins`` determines where a study is shown, and is not part of
the study's fingerprint.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

ORIGIN = re.compile(
    r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?|http://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?"
)


def _origin(told: str) -> str:
    """Return an origin in lower case; raise ``ValueError`` for any other text."""
    if not ORIGIN.fullmatch(told.lower()):
        raise ValueError(
            f"embed_origins must list sites such as https://panel.example.org, not {told!r}."
        )
    return told.lower()


Origin = Annotated[str, AfterValidator(_origin)]
Origins = Annotated[tuple[Origin, ...], Field(max_length=20)]
