"""Tell readers what the lock holds: bill of materials, licences, and where it can be installed.

``python .ci/lock/materials.py UV PYTHON``, from an environment with cyclonedx-python-lib; the
lock is installed where ``PYTHON`` is. What is for other platforms only is fetched to be read.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import Distribution, distributions
from itertools import product
from pathlib import Path
from typing import NamedTuple

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from resolve import blocks

FOLDER = Path(__file__).parent
DOCS = FOLDER.parents[1] / "docs"
TORCH = "torch"
SCOPES = {
    "core": ComponentScope.REQUIRED,
    "server": ComponentScope.OPTIONAL,
    "extras": ComponentScope.OPTIONAL,
    TORCH: ComponentScope.OPTIONAL,
    "dev": ComponentScope.EXCLUDED,
}
INSTALLED = [layer for layer in SCOPES if layer != "dev"]
PLATFORMS = {
    "Linux, x86-64": "x86_64-unknown-linux-gnu",
    "Linux, ARM64": "aarch64-unknown-linux-gnu",
    "Windows, x86-64": "x86_64-pc-windows-msvc",
    "macOS 14 or newer, ARM64": "aarch64-apple-darwin",
    "macOS 14 or newer, Intel": "x86_64-apple-darwin",
}
PYTHONS = ("3.11", "3.12", "3.13")


class Pin(NamedTuple):
    """A version that is fixed, and the layer of the lock in which it is."""

    name: str
    version: str
    layer: str


def pins() -> list[Pin]:
    """Everything that the lock holds."""
    found = [
        Pin(*match, layer)
        for layer in SCOPES
        for match in re.findall(
            r"^([\w.-]+)==(\S+)", (FOLDER / f"{layer}.txt").read_text("utf-8"), re.MULTILINE
        )
    ]
    return sorted(set(found))


def normalised(name: str) -> str:
    """A package's name as an index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def described(*folders: str) -> dict[str, Distribution]:
    """Metadata of the packages in some folders, by name."""
    return {normalised(each.metadata["Name"]): each for each in distributions(path=[*folders])}


def licence(package: Distribution) -> str:
    """A package's licence in its own words, as short as it gives them."""
    said = package.metadata
    field = (said["License"] or "").strip()
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in said.get_all("Classifier") or []
        if each.startswith("License :: ")
    ]
    texts = [file for file in package.files or [] if "LICEN" in file.name.upper()]
    first_line = texts[0].read_text().strip().splitlines()[0] if texts else "not told"
    short = field if "\n" not in field else ""
    return (
        said["License-Expression"] or short or "; ".join(classifiers)
        or field.partition("\n")[0].strip() or first_line.strip()
    )  # fmt: skip


def licences(uv: str, python: str, found: list[Pin]) -> dict[str, str]:
    """The licence of each package; those that this machine cannot use are fetched for it."""
    call = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(call, check=True, capture_output=True, text=True).stdout.strip()
    here = described(site)
    absent = {pin.name: f"{pin.name}=={pin.version}" for pin in found if pin.name not in here}
    with tempfile.TemporaryDirectory() as folder:
        fetch = [uv, "pip", "install", "--quiet", "--no-deps", f"--target={folder}"]
        for_others = ["--python-version=3.13", "--python-platform=windows"]
        subprocess.run([*fetch, *for_others, *absent.values()], check=True)
        here = described(folder, site)
        return {pin.name: licence(here[pin.name]) for pin in found}


def bill(found: list[Pin], licence_of: dict[str, str]) -> str:
    """The bill of materials as CycloneDX, the same for the same lock."""
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]
    components = [
        Component(
            name=pin.name,
            version=pin.version,
            type=ComponentType.LIBRARY,
            scope=SCOPES[pin.layer],
            purl=PackageURL("pypi", None, pin.name, pin.version),
            bom_ref=f"{pin.name}=={pin.version}",
            licenses=[DisjunctiveLicense(name=licence_of[pin.name])],
        )
        for pin in found
    ]
    bom = Bom(components=components)
    itself = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION,
        bom_ref=project["name"],
    )  # fmt: skip
    bom.metadata.component = itself
    bom.register_dependency(itself, components)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault:
        sys.exit(f"The bill of materials is not as CycloneDX has it: {fault}")
    changing = r'\n *"serialNumber": "[^"]*",|\n *"timestamp": "[^"]*",?|,\n *"timestamp": "[^"]*"'
    return re.sub(changing, "", text) + "\n"


def lacking(uv: str, platform: str, python: str) -> Iterator[str]:
    """First lines of the pins that have no wheel for a platform and a Python, one by one."""
    texts = [(FOLDER / f"{layer}.txt").read_text("utf-8") for layer in INSTALLED]
    packages = blocks("\n".join(texts))
    call = [uv, "pip", "compile", "-", "--quiet", "--only-binary=:all:", "--no-deps"]
    call += [f"--python-platform={platform}", f"--python-version={python}"]
    surroundings = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    while True:
        done = subprocess.run(
            call, input="\n".join(packages.values()), env=surroundings,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
        match = re.search(r"([\w.-]+)(?:\{[^}]*\})?==(\S+) has no", done.stderr)
        gone = [line for line in packages if match and line.startswith(f"{match[1]}=={match[2]}")]
        if not gone:
            sys.exit(done.stderr)
        yield gone[0]
        del packages[gone[0]]


def platforms(uv: str) -> str:
    """A table of what has wheels where."""
    layer_of = {f"{pin.name}=={pin.version}": pin.layer for pin in pins()}
    lines = [
        f"| platform | Python | {' | '.join(INSTALLED)} |",
        "|---" * (2 + len(INSTALLED)) + "|",
    ]
    with ThreadPoolExecutor(len(PYTHONS)) as pool:  # an index is waited for, not reckoned with
        found = {
            case: pool.submit(list, lacking(uv, PLATFORMS[case[0]], case[1]))
            for case in product(PLATFORMS, PYTHONS)
        }
    for name in PLATFORMS:
        rows: dict[str, list[str]] = {}
        for python in PYTHONS:
            absent = [line.partition(" ")[0] for line in found[name, python].result()]
            by_layer = [[pin for pin in absent if layer_of[pin] == each] for each in INSTALLED]
            row = " | ".join(f"no: {', '.join(layer)}" if layer else "yes" for layer in by_layer)
            rows.setdefault(row, []).append(python)
        lines += [f"| {name} | {', '.join(which)} | {row} |" for row, which in rows.items()]
    return "\n".join(lines)


def write_table(page: str, table: str) -> None:
    """Put a table in place of the one that a page ends with."""
    path = DOCS / page
    before, _, _ = path.read_text("utf-8").partition("\n|")
    path.write_text(f"{before}\n{table}\n", encoding="utf-8")


def main(uv: str, python: str) -> None:
    """Write the bill of materials and the two tables."""
    found = pins()
    licence_of = licences(uv, python, found)
    (DOCS / "bill-of-materials.cdx.json").write_text(bill(found, licence_of), encoding="utf-8")
    rows = [
        f"| {pin.name} | {pin.version} | {pin.layer} | {licence_of[pin.name]} |" for pin in found
    ]
    head = ["| package | version | layer | licence |", "|---|---|---|---|"]
    write_table("licences.md", "\n".join([*head, *rows]))
    write_table("platforms.md", platforms(uv))


if __name__ == "__main__":
    main(*sys.argv[1:])
