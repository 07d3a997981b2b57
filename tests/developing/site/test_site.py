"""The site of ``make docs``: built without a warning, whole, with no request to another host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from mixtrial.commands import cli
from mixtrial.routes.route_table import ROUTES
from mixtrial.studio.editor.fields.meanings import TABLE
from places import ROOT
from tests.analysis.results_schema import SCHEMA

LOADED_BY = {
    **dict.fromkeys(("script", "img", "iframe", "source", "audio", "video", "embed"), "src"),
    **dict.fromkeys(("link", "use"), "href"),
    "object": "data",
}
"""Elements for which a browser asks a host before anything is pressed."""
NOT_FETCHED = {"canonical", "prev", "next", "alternate"}
"""Values of ``rel`` of a ``link`` for which nothing is fetched."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as ``make docs`` builds it; a link or an anchor to nowhere ends the build."""
    folder = tmp_path_factory.mktemp("site")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    call = re.search(r"^docs: .*\n\t@.*\$\(PY\) -m (mkdocs build .*)$", makefile, re.M)
    assert call is not None
    assert "--strict" in call[1].split()
    done = subprocess.run(
        [sys.executable, "-m", *call[1].split(), "--site-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


class Loads(HTMLParser):
    """Addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element fetches."""
        told = dict(attrs)
        if tag in LOADED_BY and told.get("rel") not in NOT_FETCHED:
            self.addresses.append(
                told.get(LOADED_BY[tag]) or told.get(f"xlink:{LOADED_BY[tag]}") or ""
            )
        self.addresses += re.findall(r"url\(\s*['\"]?([^'\")]+)", told.get("style") or "")


@pytest.mark.slow
def test_no_page_of_the_site_asks_another_host(site: Path) -> None:
    """Scripts, styles, fonts and pictures come from the site's own folder."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(list((ROOT / "docs").glob("*.md")))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        seen = Loads()
        seen.feed(text)
        styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.S))
        seen.addresses += re.findall(r"url\(\s*['\"]?([^'\")]+)|@import", styles)
        assert [each for each in seen.addresses if re.match(r"(https?:)?//", each)] == [], page
        assert any(each.endswith(".css") for each in seen.addresses), page
    for style in site.rglob("*.css"):
        told = style.read_text(encoding="utf-8")
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^'\")]*", told) == [], style


@pytest.mark.slow
def test_the_reference_has_every_command_key_record_and_route(site: Path) -> None:
    """Its pages are made from the program: nothing is missing, and a heading leads to each."""
    texts = {page.stem: page.read_text(encoding="utf-8") for page in (site / "reference").iterdir()}
    for names in cli.ROOMS.values():
        for name, module in names.items():
            for each in cli.GROUPS.get(module, {"": ""}):
                words = f"mixtrial {name} {each}".strip()
                assert f'id="{words.replace(" ", "-")}"' in texts["commands"], words
    assert "<code>--participants</code>" in texts["commands"]
    for path in yaml.safe_load(TABLE.read_text(encoding="utf-8")):
        assert f"<td><code>{path.rpartition('.')[2]}</code></td>" in texts["study-keys"], path
    for name in SCHEMA["$defs"]:
        assert f'id="{name.lower()}"' in texts["results-schema"], name
    for route in ROUTES:
        assert f"<code>{route.path}</code>" in texts["http"], route.path
    assert len(re.findall(r"<td><code>/api/[^<]*</code></td>\s*<td></td>", texts["http"])) == 0
