"""Commits can be checked on their way in, by the Makefile's own checks and nothing downloaded."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

import places

CONFIG = places.ROOT / ".pre-commit-config.yaml"
REPOSITORIES: list[dict[str, Any]] = yaml.safe_load(CONFIG.read_text("utf-8"))["repos"]
HOOKS: list[dict[str, Any]] = [hook for found in REPOSITORIES for hook in found["hooks"]]


def test_pre_commit_reads_the_configuration() -> None:
    """Said by pre-commit itself."""
    said = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(CONFIG)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_nothing_is_downloaded_for_a_hook() -> None:
    """All are local, and run what is installed."""
    assert {found["repo"] for found in REPOSITORIES} == {"local"}
    assert {hook["language"] for hook in HOOKS} == {"system"}


def test_the_hooks_are_the_checks_of_make_test_without_the_tests() -> None:
    """A check added to one is missed in the other."""
    makefile = (places.ROOT / "Makefile").read_text("utf-8")
    line = re.search(r"^test: \S+ (.*) ##", makefile, re.MULTILINE)
    assert line is not None
    assert [*(hook["id"] for hook in HOOKS), "unit"] == line[1].split()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_command_of_a_hook_exists_and_has_files_to_look_at(hook: dict[str, Any]) -> None:
    """``make`` knows the target, and some tracked file calls for it."""
    assert hook["entry"] == f"make {hook['id']}"
    planned = subprocess.run(
        ["make", "--dry-run", hook["id"]],
        cwd=places.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (planned.returncode, planned.stderr) == (0, "")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=places.ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [name for name in tracked if re.search(hook["files"], name)] != []
