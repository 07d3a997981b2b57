"""What mkdocs asks for while it builds the site: the pages that are generated.

Conventions
-----------
A module beside this one has a function ``page()`` that returns the Markdown of one page. Its facts
come from the program: the commands, the models of the study file, the docstrings, the schema, the
routes. A link that leads out of ``docs/``, or to a folder, leads to a page that shows the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from posixpath import normpath
from typing import Any

import command_page
import function_page
import notebook_page
import results_page
import route_page
import study_key_page
from mkdocs.structure.files import File

DOCS = Path(__file__).parents[1]
GENERATED: dict[str, Callable[[], str]] = {
    "reference/commands.md": command_page.page,
    "reference/study-keys.md": study_key_page.page,
    "reference/functions.md": function_page.page,
    "reference/results-schema.md": results_page.page,
    "reference/http.md": route_page.page,
    "notebook.md": notebook_page.page,
}
LINK = re.compile(r"\]\(([^)#:\s]+)(#[^)]*)?\)")
LANGUAGES = {".py": "python", ".js": "js", ".toml": "toml", ".yaml": "yaml", ".md": "markdown"}


def on_config(config: Any, **_rest: Any) -> Any:
    """Put pages that the navigation does not name at the end of How-to, so that none is lost."""
    named = set(re.findall(r"[\w/-]+\.md", str(config.nav)))
    [how_to] = [each["How-to"] for each in config.nav if "How-to" in each]
    how_to += [path.name for path in sorted(DOCS.glob("*.md")) if path.name not in named]
    return config


def on_files(files: Any, config: Any, **_rest: Any) -> Any:
    """Add the generated pages, and the sources that pages lead to."""
    for name, page in GENERATED.items():
        files.append(File.generated(config, name, content=page()))
    for target in _sources_linked():
        files.append(File.generated(config, _page_of(target), content=_source(target)))
    return files


def on_page_markdown(markdown: str, page: Any, **_rest: Any) -> str:
    """Lead links to sources to the pages that show them."""
    up = "../" * page.file.src_uri.count("/")

    def turned(found: re.Match[str]) -> str:
        target = normpath(found[1])
        return f"]({up}{_page_of(target)})" if _is_source(target) else found[0]

    return LINK.sub(turned, markdown) if not page.file.generated_by else markdown


def _is_source(target: str) -> bool:
    path = DOCS / target
    return (target.startswith("..") and path.exists()) or path.is_dir()


def _sources_linked() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")]
    targets = {normpath(found[1]) for text in texts for found in LINK.finditer(text)}
    return {target for target in targets if _is_source(target)}


def _page_of(target: str) -> str:
    return f"source/{target.replace('../', '')}.md"


def _source(target: str) -> str:
    """A file of the repository, or all text files of a folder, as a page of code."""
    place = (DOCS / target).resolve()
    root = DOCS.parent
    found = [place] if place.is_file() else sorted(place.rglob("*"))
    files = [path for path in found if path.is_file() and path.suffix in LANGUAGES]
    blocks = [
        f"## `{path.relative_to(root)}`\n\n"
        f"````{LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}````\n"
        for path in files
    ]
    front = "---\nsearch: {exclude: true}\n---\n"
    return f"{front}# `{place.relative_to(root)}`\n\n" + "\n".join(blocks)
