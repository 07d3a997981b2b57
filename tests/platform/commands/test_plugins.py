"""The example package: installed by pip, listed by the command, and used like our own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import places
from harbour_study import open_installation, write_study
from mixing import plugins
from mixtrial.exports import registry
from mixtrial.exports.csv_text import download
from mixtrial.simulation.in_process import simulate_participants

RATE = 44_100


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the example package, installed without a look at any index."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--disable-pip-version-check", "--target", str(folder),
         str(places.ROOT / "docs" / "example-plugin")],
        check=True,
    )  # fmt: skip
    return folder


def run(installed: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Call ``mixtrial`` where the package is installed."""
    return subprocess.run(
        [sys.executable, "-c", "from mixtrial.commands.cli import main; main()", *words],
        check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip


def test_the_example_package_is_listed_beside_a_broken_one(installed: Path, tmp_path: Path) -> None:
    """Kind, name, package and version; below the broken one, why it cannot be used."""
    info = tmp_path / "torn-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[mixtrial.methods]\nbest = torn.best\n")
    reason = "ModuleNotFoundError: No module named 'torn'."
    done = run(Path(f"{installed}{os.pathsep}{tmp_path}"), "plugins")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "systems  unmixed  mixtrial-example 1.0",
        "methods  best  torn 0.1",
        f"  The plug-in 'best' of the package torn 0.1 (methods) cannot be used: {reason}",
        "exports  song_means  mixtrial-example 1.0",
    ]


def test_a_study_uses_the_system_of_the_example_package(installed: Path, tmp_path: Path) -> None:
    """It mixes to the sum of the stems, but for one gain; so it does under another name."""
    rng = np.random.default_rng(3)
    stems = [0.05 * rng.standard_normal((4 * RATE, 2)) for _ in range(2)]
    for name, sound in zip(("vocal", "backing"), stems, strict=True):
        soundfile.write(tmp_path / f"{name}.wav", sound, RATE, subtype="FLOAT")
    (tmp_path / "study.yaml").write_text(
        "title: T\nsongs: [{name: s, vocal: vocal.wav, backing: backing.wav}]\n"
        "systems: [unmixed, {name: again, system: unmixed}]\n"
    )
    done = run(installed, "build", tmp_path / "study.yaml", "--workers", "1")
    assert done.returncode == 0, done.stderr
    manifest = pd.read_csv(tmp_path / "build" / "manifest.csv")
    assert list(manifest["system"]) == ["unmixed", "again"]
    played = soundfile.read(tmp_path / "build" / manifest["file"][0])[0][1000:-1000].ravel()
    expected = sum(stems)[1000:-1000].ravel()
    gain = played @ expected / (expected @ expected)
    assert np.sqrt(np.mean((played - gain * expected) ** 2)) < 0.01 * np.std(played)


def test_the_export_of_the_example_package_leaves_a_study(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is offered, and holds the mean rating of each song and system."""
    monkeypatch.syspath_prepend(str(installed))
    for each in (plugins.plugins, registry.exports):
        each.cache_clear()
    installation = open_installation(write_study(tmp_path, n_songs=2))
    try:
        list(simulate_participants(installation, 2, seed=1))
        assert list(registry.offered_exports(installation.study))[:2] == ["ratings", "song_means"]
        means = pd.read_csv(io.StringIO(download(installation, "song_means")))
        ratings = pd.read_csv(io.StringIO(download(installation, "ratings")))
    finally:
        installation.store.close()
        for each in (plugins.plugins, registry.exports):
            each.cache_clear()
    row = means.iloc[0]
    same = (ratings[["song", "system", "attribute"]] == row[["song", "system", "attribute"]]).all(
        axis=1
    )
    assert row["rating"] == pytest.approx(ratings.loc[same, "rating"].mean())
    assert row["n_ratings"] == same.sum() > 0
