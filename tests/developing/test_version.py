"""One version: pyproject.toml's, wherever it is told or has to be written once more."""

from __future__ import annotations

import platform
import re
import tomllib
from importlib.util import find_spec

import yaml
from typer.testing import CliRunner

import mixtrial
import places
from mixtrial.commands import cli

VERSION = tomllib.loads((places.ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_the_package_and_its_command_tell_the_version_that_is_installed() -> None:
    """The attribute that other programs read, and the line for a bug note."""
    assert mixtrial.__version__ == VERSION
    said, extras = CliRunner().invoke(cli.app, ["version"]).output.splitlines()
    assert said == f"mixtrial {VERSION} (Python {platform.python_version()})"
    there = extras.removeprefix("extras: ").partition("; missing: ")[0].split(", ")
    assert "dask" in there  # a package of the tests, wherever they run
    assert ("learn" in there) is (find_spec("torch") is not None)


def test_the_players_manifest_has_the_same_version() -> None:
    """Streamlit reads that one."""
    manifest = (places.ROOT / "platform" / "mixtrial" / "pyproject.toml").read_text("utf-8")
    assert tomllib.loads(manifest)["project"]["version"] == VERSION


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    """Readers find what changed under the number that they see."""
    changelog = (places.ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == VERSION
    citation = yaml.safe_load((places.ROOT / "CITATION.cff").read_text("utf-8"))
    assert str(citation["date-released"]) == newest[2]


def test_indices_refuse_what_a_release_builds() -> None:
    """Whether mixtrial is published is for its owners to decide; docs/decisions.md says so."""
    project = tomllib.loads((places.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
    assert "`Private :: Do Not Upload`" in (places.ROOT / "docs" / "decisions.md").read_text(
        "utf-8"
    )
