"""The lock pins and hashes every package that is asked for; what is told of it is true of it."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement

import places

LOCK = places.ROOT / ".ci" / "lock"
LAYERS = ("core", "server", "extras", "dev")
PROJECT = tomllib.loads((places.ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
LAYERS_OF = {
    "core": ("core",),
    "postgres": ("core", "server"),
    "oidc": ("core", "server"),
    "dev": LAYERS,
    "docs": LAYERS,
    **dict.fromkeys(
        ("dask", "learn", "m4a", "separate", "spss", "all"), ("core", "server", "extras")
    ),
}
PIN = re.compile(
    r"^([a-z0-9.-]+)==([^\s;]+)(?: ; [^\\]+)?((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.M
)


def normalised(name: str) -> str:
    """A package's name as an index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(*layers: str) -> dict[str, set[str]]:
    """Versions of each package in some layers."""
    found: dict[str, set[str]] = {}
    for layer in layers:
        for name, version, _hashes in PIN.findall((LOCK / f"{layer}.txt").read_text("utf-8")):
            found.setdefault(name, set()).add(version)
    return found


def asked_for(extra: str) -> list[Requirement]:
    """Requirements of the core, or of an extra."""
    of_project = PROJECT["project"]["dependencies"]
    texts = (
        [*of_project, *PROJECT["dependency-groups"]["build"]] if extra == "core" else EXTRAS[extra]
    )
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("extra", ["core", *EXTRAS])
def test_the_lock_holds_what_pyproject_asks_for(extra: str) -> None:
    """`make lock` was run since a requirement was added or raised; torch has a pin of its own."""
    torch = Requirement((LOCK / "torch.txt").read_text("utf-8").splitlines()[-1])
    versions = {**pinned(*LAYERS_OF[extra]), "torch": {next(iter(torch.specifier)).version}}
    for wanted in asked_for(extra):
        if wanted.name == "mixtrial":
            assert wanted.extras <= set(EXTRAS)
            continue
        held = versions.get(normalised(wanted.name), set())
        assert held, f"{wanted.name} is not in the lock: run make lock KEEP=1"
        assert all(wanted.specifier.contains(version) for version in held), wanted


@pytest.mark.parametrize("layer", LAYERS)
def test_every_line_of_the_lock_is_a_pin_with_hashes(layer: str) -> None:
    """Nothing is installed unseen, and no address of an index is in the lock."""
    first, _, rest = (LOCK / f"{layer}.txt").read_text("utf-8").partition("\n")
    assert first.startswith("# ")
    assert PIN.sub("", rest).strip() == ""
    assert not {"torch", "triton", "pydub"} & set(pinned(layer))


def test_a_package_is_in_one_layer_and_has_one_version_in_all() -> None:
    """Layers add to each other; two versions are there only for two Pythons."""
    names = [name for layer in LAYERS for name in pinned(layer)]
    assert len(names) == len(set(names))
    text = (LOCK / "extras.txt").read_text("utf-8")
    twice = [name for name, versions in pinned(*LAYERS).items() if len(versions) > 1]
    assert all(len(re.findall(rf"^{name}==\S+ ; python", text, re.M)) == 2 for name in twice)


def test_the_bill_of_materials_and_the_licences_are_those_of_the_lock() -> None:
    """Both files name every pin, torch too, and nothing else; each has its licence."""
    torch = re.findall(r"^(torch)==(\S+)", (LOCK / "torch.txt").read_text("utf-8"), re.M)
    pins = {(name, version) for name, held in pinned(*LAYERS).items() for version in held} | {
        *torch
    }
    bill = json.loads((places.ROOT / "docs" / "bill-of-materials.cdx.json").read_text("utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    assert {(each["name"], each["version"]) for each in bill["components"]} == pins
    assert bill["metadata"]["component"]["version"] == PROJECT["project"]["version"]
    rows = re.findall(
        r"^\| ([a-z0-9.-]+) \| (\S+) \| (\w+) \| (.+) \|$",
        (places.ROOT / "docs" / "licences.md").read_text("utf-8"),
        re.M,
    )[1:]
    assert {(name, version) for name, version, _layer, _licence in rows} == pins
    assert [row for row in rows if row[3] == "not told"] == []
    scopes = {"core": "required", "dev": "excluded"}
    scope_of = {each["name"]: each["scope"] for each in bill["components"]}
    wrong = [row for row in rows if scope_of[row[0]] != scopes.get(row[2], "optional")]
    assert wrong == []
