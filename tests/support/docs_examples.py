"""Whole files shown in the docs, so that tests can run them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

import places
from mixtrial.commands.cli import app
from route_server import free_port

DOCS = places.ROOT / "docs"


def example_of(page: str, language: str = "python", name: str = "") -> str:
    """The block of a language on a page of the docs; where there are several, that of a file."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(rf"(?:(\w+)\.\w+`:\s+)?```{language}\n(.*?)```", text, flags=re.DOTALL)
    [source] = [source for file, source in found if len(found) == 1 or file == name]
    return str(source)


@contextmanager
def more_files(
    package: ModuleType, sources: Mapping[str, str], folder: Path, forget: Callable[[], None]
) -> Iterator[None]:
    """A package with more files, by their names; ``forget`` empties its registry."""
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "__path__", [*package.__path__, str(folder)])
        forget()
        try:
            yield
        finally:
            forget()
            for name in sources:
                sys.modules.pop(f"{package.__name__}.{name}", None)


def one_more_file(
    package: ModuleType, name: str, page: str, folder: Path, forget: Callable[[], None]
) -> AbstractContextManager[None]:
    """A package with the example of a page among its files; ``forget`` empties its registry."""
    return more_files(package, {name: example_of(page, name=name)}, folder, forget)


def console_lines(page: str) -> list[list[str]]:
    """The commands in the console blocks of a page in their order, each as its words."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def give(words: list[str]) -> str:
    """Output of a line; a server answers its first page before it is ended."""
    if words[0] in {"serve", "demo"}:
        return served(words)
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, (words, told.output, told.exception)
    return told.output


def served(words: list[str]) -> str:
    """Output of a server; it answers with the page for participants before it is ended.

    It is ended as by a service: where tests run in the background, Ctrl-C is ignored.
    """
    port = free_port()
    call = [sys.executable, "-m", "mixtrial", *words, "--port", str(port)]
    said = ""
    with subprocess.Popen(call, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if "Stop with" in line:
                break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
                assert answer.status == 200
        finally:
            process.terminate()
    return said
