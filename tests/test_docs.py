"""Documentation that cannot rot: what it shows runs, what it links to is there."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from mixing.audio import Song
from mixing.loudness import integrated_loudness
from mixing.systems.base import SystemSettings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_example_of_a_new_system_mixes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that docs/add-a-system.md shows is a system: its vocal lies 12 LU below."""
    text = (ROOT / "docs" / "add-a-system.md").read_text(encoding="utf-8")
    [source] = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    module = types.ModuleType("whisper")
    monkeypatch.setitem(sys.modules, "whisper", module)  # dataclasses look their module up
    exec(compile(source, "add-a-system.md", "exec"), module.__dict__)
    assert module.NAME == "whisper"
    rng = np.random.default_rng(5)
    vocal, backing = (
        (0.05 * rng.standard_normal((2, 4 * 44_100))).astype(np.float32) for _ in range(2)
    )
    mix = module.create(SystemSettings()).mix(Song(vocal, backing, 44_100))
    difference_lu = integrated_loudness(mix.vocal, 44_100) - integrated_loudness(
        mix.backing, 44_100
    )
    assert difference_lu == pytest.approx(-12.0, abs=0.05)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link or picture within the repository names a file that is there."""
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    inner = [target for target in targets if not target.startswith(("http:", "https:", "mailto:"))]
    assert [target for target in inner if not (page.parent / target).exists()] == []


def test_the_readme_leads_to_every_page_of_the_docs() -> None:
    """No page of documentation is an orphan."""
    everything = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [page.name for page in PAGES[1:] if f"({page.name}" not in everything
            and f"docs/{page.name}" not in everything] == []  # fmt: skip


def test_the_menu_of_make_is_complete() -> None:
    """Every target that a reader may call has its line in ``make help``."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)
    assert phony is not None
    for target in phony.group(1).split():
        assert re.search(rf"^{target}:.*## \S", text, flags=re.MULTILINE), target
