"""The package as a wheel: everything that runs a study is in it, and it serves the player."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import places

REPOSITORY = places.ROOT
PACKAGES = {
    "mixing": REPOSITORY / "mixing",
    "stimuli": REPOSITORY / "stimuli",
    "db": REPOSITORY / "db",
    "analysis": REPOSITORY / "analysis",
    "mixtrial": REPOSITORY / "platform" / "mixtrial",
}
LOOK_INSIDE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from mixtrial.player import assets
from mixtrial.server.language import locale_of
from streamlit.components.v2.manifest_scanner import scan_component_manifests
folders = [
    str(component.resolve_asset_root(root))
    for manifest, root in scan_component_manifests()
    for component in manifest.components
    if manifest.name == "mixtrial"
]
json.dump({
    "from": assets.__file__, "files": sorted(assets.player_files()), "folders": folders,
    "play": [locale_of(language).player["play"] for language in ("en", "de", "zh", "fr")],
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a wheel built from this tree would install."""
    folder = tmp_path_factory.mktemp("wheel")
    builder = WheelBuilder(str(REPOSITORY))
    wheel = next(iter(builder.build(directory=str(folder), versions=["standard"])))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def files_of(folder: Path) -> set[str]:
    """Files of a package by their path in it, without what Python keeps for itself."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_has_every_file_of_the_packages(installed: Path) -> None:
    """Modules, styles, texts, weights and the demo's study: nothing is left behind in the tree."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", *(str(path) for path in PACKAGES.values())],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    tracked = {REPOSITORY / name for name in listing.stdout.decode().split("\0") if name}
    for package, folder in PACKAGES.items():
        missing = files_of(folder) - files_of(installed / package)
        if tracked:  # what lies about untracked need not be shipped
            missing = {name for name in missing if folder / name in tracked}
        assert missing == set(), package


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_of_the_wheel_offers_its_types(installed: Path, package: str) -> None:
    """Type checkers read annotations of installed code only where the marker of PEP 561 lies."""
    assert (installed / package / "py.typed").is_file()


def test_the_wheel_serves_the_player_in_four_languages(installed: Path) -> None:
    """From the installed files alone: Streamlit finds the component, all its files are there."""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", LOOK_INSIDE, str(installed)],
        capture_output=True,
        check=True,
        cwd=installed,
    )
    said = json.loads(answer.stdout)
    assert Path(said["from"]).is_relative_to(installed)
    assert set(said["folders"]) == {str(installed / "mixtrial/player/frontend")}
    frontend = PACKAGES["mixtrial"] / "player/frontend"
    assert said["files"] == sorted(
        path.relative_to(frontend).as_posix() for path in frontend.rglob("*.*")
    )
    assert said["play"] == ["Play", "Abspielen", "播放", "Lecture"]
