"""What the docs show as whole files, so that tests can run them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def example_of(page: str, language: str = "python") -> str:
    """The one block of a language on a page of the docs."""
    text = (DOCS / page).read_text(encoding="utf-8")
    [source] = re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    return str(source)
