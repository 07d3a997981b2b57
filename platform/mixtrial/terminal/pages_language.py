"""Option ``--language`` of the commands that serve the researcher's pages."""

from __future__ import annotations

from typing import Annotated

import typer

from mixtrial.language.known import languages
from mixtrial.server.settings import SettingsError

PagesLanguage = Annotated[
    str | None,
    typer.Option(
        "--language",
        help=f"Language of the researcher's pages: {', '.join(languages())}; default: the "
        "browser's.",
    ),
]
"""Language of dashboard or studio, for people who have not chosen one."""


def check_language(language: str | None) -> None:
    """Raise ``SettingsError`` if the pages do not exist in the language; None is accepted."""
    if language is not None and language not in languages():
        raise SettingsError(f"--language must be one of {', '.join(languages())}.")
