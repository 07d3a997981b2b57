"""What the docs show as whole files, so that tests can run them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

import places

DOCS = places.ROOT / "docs"


def example_of(page: str, language: str = "python") -> str:
    """The one block of a language on a page of the docs."""
    text = (DOCS / page).read_text(encoding="utf-8")
    [source] = re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)
    return str(source)


@contextmanager
def one_more_file(
    package: ModuleType, name: str, page: str, folder: Path, forget: Callable[[], None]
) -> Iterator[None]:
    """A package with the example of a page among its files; ``forget`` empties its registry."""
    (folder / f"{name}.py").write_text(example_of(page), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "__path__", [*package.__path__, str(folder)])
        forget()
        try:
            yield
        finally:
            forget()
            sys.modules.pop(f"{package.__name__}.{name}", None)
