"""The player's JavaScript is checked by tools of fixed versions, and the checks find mistakes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import places

TOOLS = places.ROOT / ".ci" / "player"
PROGRAMS = TOOLS / "node_modules" / ".bin"
FRONTEND = places.ROOT / "platform" / "mixtrial" / "player" / "frontend"


def run(*call: str | Path, **given: Any) -> subprocess.CompletedProcess[str]:
    """A program's answer, whatever it is."""
    return subprocess.run(
        [str(part) for part in call],
        cwd=places.ROOT, capture_output=True, text=True, check=False, **given,
    )  # fmt: skip


def test_every_tool_has_one_version_and_comes_from_whatever_registry_npm_is_set_to() -> None:
    """Exact versions, the contents' hash, and no address of a registry in the lock."""
    wanted = json.loads((TOOLS / "package.json").read_text("utf-8"))["devDependencies"]
    locked = json.loads((TOOLS / "package-lock.json").read_text("utf-8"))["packages"]
    assert locked.pop("")["devDependencies"] == wanted
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, found in locked.items() if "resolved" in found] == []
    assert [name for name, found in locked.items() if "integrity" not in found] == []


def test_without_node_and_without_root_one_sentence_names_the_packages(tmp_path: Path) -> None:
    """The PATH has what the script itself calls, and no node."""
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    (tmp_path / "id").chmod(0o755)
    for name in ("dirname", "mktemp", "rm", "tail"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    said = run("/bin/bash", TOOLS.parent / "node", env={"PATH": str(tmp_path)})
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr == (
        "Checking the player needs node and npm: ask your administrator for Debian's packages "
        "nodejs and npm.\n"
    )


CARELESS_LINES = {
    "export const isSame = (a, b) => a == b;": "eqeqeq",
    "const unused = 1;": "no-unused-vars",
    "let fixed = 1; export const read = () => fixed;": "prefer-const",
    "export const say = () => undeclared;": "no-undef",
}


@pytest.mark.skipif(not PROGRAMS.exists(), reason="`make player` installs what checks the player")
def test_the_checks_see_every_module_and_find_what_is_wrong(tmp_path: Path) -> None:
    """No room is left out; a number where the comment promises a text, and careless lines."""
    listed = run(PROGRAMS / "tsc", "--project", TOOLS, "--listFilesOnly").stdout.split()
    ours = {Path(name) for name in listed if FRONTEND in Path(name).parents}
    assert ours == set(FRONTEND.rglob("*.js"))
    mistake = tmp_path / "mistake.js"
    mistake.write_text('/** @param {string} name */\nexport const greet = (name) => name + "!";\n'
                       "greet(3);\n", encoding="utf-8")  # fmt: skip
    settings = {
        "extends": str(TOOLS / "tsconfig.json"), "include": [str(mistake)],
        "compilerOptions": {"incremental": False, "tsBuildInfoFile": None},
    }  # fmt: skip
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    found = run(PROGRAMS / "tsc", "--project", tmp_path)
    assert found.returncode != 0
    assert "(3,7): error TS2345" in found.stdout
    careless = run(
        PROGRAMS / "eslint", "--config", TOOLS / "eslint.config.js", "--format", "json",
        "--stdin", "--stdin-filename", FRONTEND / "careless.js",
        input="\n".join(CARELESS_LINES) + "\n",
    )  # fmt: skip
    assert careless.returncode == 1
    faults = json.loads(careless.stdout)[0]["messages"]
    assert [(fault["line"], fault["ruleId"]) for fault in faults] == [
        (number, rule) for number, rule in enumerate(CARELESS_LINES.values(), 1)
    ]
