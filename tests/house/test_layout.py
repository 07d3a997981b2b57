"""Guards of the house: which rooms there are, and which doors stay shut."""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import places

ROOT = places.ROOT
FLOORS = ("mixing", "stimuli", "db", "analysis")
PACKAGES = (*FLOORS, "mixtrial")
TOP_LEVEL = {
    *FLOORS, "platform", "tests", "docs", ".ci",
    "pyproject.toml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md",
    "CITATION.cff", ".gitignore", ".pre-commit-config.yaml",
}  # fmt: skip
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def tracked_files() -> list[Path]:
    """Every file of the repository, as git knows it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [Path(name) for name in listed.split("\0") if name]


@cache
def python_files() -> list[Path]:
    """Every Python file of the house, without the tests."""
    houses = {*FLOORS, "platform"}
    files = [path for path in tracked_files() if path.suffix == ".py" and path.parts[0] in houses]
    return [path for path in files if (ROOT / path).exists()]


@cache
def tree_of(path: Path) -> ast.Module:
    """A file as Python reads it."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


@cache
def parts_of(path: Path) -> tuple[ast.AST, ...]:
    """Imports and functions of a file: seven hundred files are walked through once."""
    kinds = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef
    return tuple(node for node in ast.walk(tree_of(path)) if isinstance(node, kinds))


@cache
def imported_packages(path: Path) -> set[str]:
    """Top-level names that a file imports, lazily or not."""
    names: set[str] = set()
    for node in parts_of(path):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def test_the_top_level_is_exactly_what_the_house_promises() -> None:
    """No file or folder stands at the top that is not in the plan, and none is missing."""
    assert {path.parts[0] for path in tracked_files()} == TOP_LEVEL


def test_platform_is_a_building_and_never_a_package() -> None:
    """An ``__init__.py`` there would hide Python's own ``platform``."""
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "platform" / "platform.py").exists()


@pytest.mark.parametrize("call", [["-c"], ["-W", "error", "-c"]])
def test_import_platform_is_the_standard_librarys(call: list[str]) -> None:
    """Seen from the repository's own folder, ``import platform`` has ``system``."""
    shown = subprocess.run(
        [sys.executable, *call, "import platform; print(platform.system())"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout.strip()


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_comes_from_this_repository(name: str) -> None:
    """A namesake in site-packages would win over an editable install."""
    file = importlib.import_module(name).__file__
    assert file is not None
    assert Path(file).resolve().is_relative_to(ROOT)


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("streamlit", ("platform",)),
        ("sqlalchemy", ("db",)),
        ("alembic", ("db",)),
        ("statsmodels", ("analysis",)),
        ("torch", ("mixing/learning",)),
        ("safetensors", ("mixing/learning",)),
    ],
)
def test_a_library_stays_in_its_room(library: str, allowed: tuple[str, ...]) -> None:
    """Only the rooms named in the plan import the library, lazily or not."""
    guests = [
        path.as_posix() for path in python_files()
        if library in imported_packages(path) and not path.as_posix().startswith(allowed)
    ]  # fmt: skip
    assert guests == []


def test_siblings_never_import_each_other() -> None:
    """``stimuli`` and ``analysis``, ``mixing`` and ``db`` know nothing of one another."""
    ours = {"mixing": set(), "db": set(), "stimuli": {"mixing", "db"}, "analysis": {"mixing", "db"}}
    for path in python_files():
        floor = path.parts[0]
        if floor in ours:
            assert imported_packages(path) & set(PACKAGES) <= {floor, *ours[floor]}, path


def test_an_init_file_holds_one_docstring_and_nothing_else() -> None:
    """No star and no logic, so that reader and import graph see the same arrow.

    ``mixtrial`` alone offers names of other modules, since programs import it.
    """
    for path in python_files():
        if path.name == "__init__.py":
            body = tree_of(path).body
            assert isinstance(body[0], ast.Expr), path
            assert body[1:] == [] or path == Path("platform/mixtrial/__init__.py"), path


def test_no_grab_bag_and_no_standard_library_name() -> None:
    """A module is named for its subject, and never like a module of Python's own."""
    for path in python_files():
        assert path.stem not in FORBIDDEN_NAMES, path
        if path.stem not in {"__init__", "__main__"}:
            assert path.stem not in sys.stdlib_module_names, path


def test_few_dictionaries_may_hold_anything() -> None:
    """Values passed on by statistics and platform have a type: 20 exceptions, none renamed."""
    texts = {
        path: (ROOT / path).read_text(encoding="utf-8")
        for path in python_files()
        if path.parts[0] in {"analysis", "platform"}
    }
    assert sum(text.count("dict[str, Any]") for text in texts.values()) <= 20
    renamed = re.compile(r"^\w+ *(: TypeAlias )?= dict\[str, Any\]", re.MULTILINE)
    assert [path for path, text in texts.items() if renamed.search(text)] == []


def test_the_import_rules_are_written_down_for_every_package() -> None:
    """import-linter knows all five packages, so none escapes its contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = settings["tool"]["importlinter"]
    assert set(linter["root_packages"]) == set(PACKAGES)
    assert linter["contracts"][0]["layers"] == ["mixtrial", "stimuli | analysis", "mixing | db"]
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {Path(package).name for package in wheel} == set(PACKAGES)


def test_no_tracked_file_is_larger_than_eight_mebibytes() -> None:
    """A clone stays quick."""
    large = [path for path in tracked_files() if (ROOT / path).exists()
             and (ROOT / path).stat().st_size > 8 * 2**20]  # fmt: skip
    assert large == []


LATE_IMPORTS = {
    "analysis/figures/export.py": "kaleido starts a browser's machinery where it is imported",
    "analysis/validation/bench.py": "statsmodels' mixed model is the rival, not a part",
    "mixing/ingest/aac.py": "PyAV is an extra",
    "platform/mixtrial/application/pages.py": "only the page that was asked for is loaded",
    "platform/mixtrial/calibration/pink_noise.py": "meters are compiled; nobody waits for them",
    "platform/mixtrial/commands/cli.py": "errors are loaded where one came, so that help is quick",
    "platform/mixtrial/exports/sav.py": "pyreadstat is an extra",
    "platform/mixtrial/terminal/cluster.py": "distributed is an extra",
    "platform/mixtrial/server/identity_provider.py": "pyjwt is an extra",
    "stimuli/singing/band.py": "pretty_midi makes the demo's songs and is not installed",
    "stimuli/singing/voice.py": "pysinsy and pyworld make the demo's songs and are not installed",
}
"""Files with imports inside functions, and why they cannot stand at the top."""


def test_imports_stand_at_the_top() -> None:
    """An arrow that a function hides is on no plan; twenty-two have a reason."""
    late = [
        path.as_posix()
        for path in python_files()
        for function in parts_of(path)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert set(late) == set(LATE_IMPORTS)
    assert len(late) <= 22


FILES_A_FOLDER = 12
CATALOGUES = {"methods", "exports", "figures", "page_types", "templates", "versions", "widgets"}
"""Folders whose files are alike, one a plug-in, a section or an element: they may grow."""
UP_TO_FIFTEEN = {"tests/support"}
"""Folders of one subject that holds a little more."""


def test_a_folder_is_one_subject_of_a_dozen_files() -> None:
    """Whoever opens a folder of the house or of its tests sees it whole."""
    counted: dict[Path, int] = {}
    for path in tracked_files():
        is_code = path.suffix in {".py", ".js", ".css", ".j2"}
        if is_code and path.stem != "__init__" and (ROOT / path).exists():
            counted[path.parent] = counted.get(path.parent, 0) + 1
    full = {
        folder.as_posix(): count for folder, count in counted.items()
        if count > FILES_A_FOLDER and folder.name not in CATALOGUES
    }  # fmt: skip
    assert set(full) <= UP_TO_FIFTEEN, full
    assert all(count <= 15 for count in full.values()), full


def imported_modules(path: Path) -> set[str]:
    """Modules of ours that a file imports, by their dotted names."""
    found: set[str] = set()
    for node in parts_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in PACKAGES}


@cache
def import_graph() -> dict[str, set[str]]:
    """Each module of the house, with those of its modules that it imports."""
    paths = {module_name(path): path for path in python_files()}
    return {name: (imported_modules(path) & set(paths)) - {name} for name, path in paths.items()}


def module_name(path: Path) -> str:
    """Dotted name under which a file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(part for part in parts if part not in {"platform", "__init__"})


def test_no_file_imports_itself_by_a_detour() -> None:
    """The imports of all files have an order: there is no circle."""
    order = list(graphlib.TopologicalSorter(import_graph()).static_order())
    assert len(order) == len(import_graph())


FLOORS_OF = {"mixtrial": 6, "analysis": 7, "stimuli": 5, "db": 3, "mixing": 8}
"""Floors inside each package: a room stands above all that it imports."""


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_of_a_package_stand_on_few_floors_and_nothing_runs_back_up(package: str) -> None:
    """A folder is a room, and so is a file beside the folders; rooms import without a circle.

    Benches are programs above the house, which nothing imports.
    """
    rooms: dict[str, set[str]] = {}
    for name, imported in import_graph().items():
        if name.split(".")[0] == package and not name.endswith((".bench", ".__main__")):
            mine = room_of(name)
            others = {room_of(each) for each in imported if each.split(".")[0] == package}
            rooms.setdefault(mine, set()).update(others - {mine})
    floors: dict[str, int] = {}
    for room in graphlib.TopologicalSorter(rooms).static_order():
        floors[room] = 1 + max((floors[each] for each in rooms[room]), default=0)
    assert max(floors.values()) <= FLOORS_OF[package], floors


def room_of(module: str) -> str:
    """First folder or file below the package; in ``mixing.learning``, the one below that."""
    depth = 3 if module.startswith("mixing.learning.") else 2
    return ".".join(module.split(".")[:depth])


def test_nothing_imports_a_command() -> None:
    """Commands stand at the top: what two of them share lies in a room below."""
    for name, imported in import_graph().items():
        if not name.startswith(("mixtrial.commands", "mixtrial.__main__")):
            assert not {each for each in imported if each.startswith("mixtrial.commands")}, name
