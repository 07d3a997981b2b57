"""docs/own-networks.md, walked: each of its commands, on small songs, and once more."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

import places
from mixing.audio import Audio
from mixing.learning.data.song_sources import read_songs
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training import fitting, held_out
from mixtrial.commands import cli
from mixtrial.commands.learning import separate

pytestmark = pytest.mark.usefixtures("short_search")

RATE = 44_100
PAGE = (places.ROOT / "docs" / "own-networks.md").read_text(encoding="utf-8")
LEARNING, LISTENING = (
    block.splitlines() for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
)
SHORT = {
    "prepare": ["--workers", "1"],
    "train": ["--jobs", "1", "--steps", "1"],
    "evaluate": ["--jobs", "1", "--steps", "1"],
    "build": ["--workers", "1"],
}
"""Options that the test adds to a command, so that it takes seconds."""


class _Halves:
    """A separation model that calls half of the mix the vocal."""

    name, sample_rate = "halves", RATE

    def vocal_of(self, mix: Audio) -> Audio:
        """Half of it."""
        return mix * np.float32(0.5)


def _noise(path: Path, seed: int, gain: float = 0.1, seconds: float = 11.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    soundfile.write(path, gain * rng.normal(0, 1, round(seconds * RATE)), RATE, subtype="PCM_16")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of the page: five artists, one for the test, a mix, two songs, a study."""
    out = tmp_path_factory.mktemp("walk")
    for i, artist in enumerate("ABCDE"):
        split = "test" if artist == "E" else "train"
        for j, stem in enumerate(("vocals", "drums", "bass", "other")):
            song = out / "songs" / "musdb18hq" / split / f"{artist} - Tune"
            _noise(song / f"{stem}.wav", 10 * i + j, 0.02 * (i + 1) if j == 0 else 0.03)
    _noise(out / "my-mixes" / "found.wav", 99)
    for i, song in enumerate(("harbour", "lantern")):
        for j, stem in enumerate(("vocal", "backing")):
            _noise(out / "listening" / song / f"{stem}.wav", 200 + 10 * i + j, seconds=3.5)
    [study] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (out / "study.yaml").write_text(study, encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def walked(folder: Path, short_search: None) -> Iterator[dict[str, str]]:
    """Output of each command from songs to networks; the folder is as they leave it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(separate, "open_separator", lambda *_: _Halves())
        patch.setattr(fitting, "N_DRAWN", dict.fromkeys(NETWORKS, 40))
        patch.setattr(held_out, "rival_answers", _no_rivals)
        yield {shlex.split(line)[1]: _said(line) for line in LEARNING}


def _no_rivals(examples: object, songs: list, task: str, seed: int) -> dict[str, dict]:
    """Stand-ins that answer with the middle of each range."""
    shapes = {song.song: fitting.truths_of(song, task, seed).shape for song in songs}
    return {
        name: {song: np.full(n, 0.5) for song, n in shapes.items()} for name in ("ridge", "mlp")
    }


def _said(line: str) -> str:
    """Output of a command that ends well."""
    program, command, *rest = shlex.split(line)
    assert program == "mixtrial"
    result = CliRunner().invoke(cli.app, [command, *rest, *SHORT.get(command, [])])
    assert result.exit_code == 0, (line, result.output, result.exception)
    return result.output


def test_songs_become_networks_and_a_table(walked: dict[str, str], folder: Path) -> None:
    """Separated songs teach no range and no reverb, test songs teach nothing, folds are groups."""
    assert "1 separated by halves" in walked["separate"]
    songs = {song.song: song for song in read_songs((folder / "dataset",)).songs}
    assert set(songs["found"].targets) == {"level"}
    assert songs["found"].source == "separated mixes"
    index = json.loads((folder / "weights" / "ours" / "weights.json").read_text(encoding="utf-8"))
    assert set(index["networks"]) == set(NETWORKS)
    taught = {name: set(entry["songs"]) for name, entry in index["networks"].items()}
    finished = {f"{artist} - Tune" for artist in "ABCD"}
    assert taught["level"] == taught["eq"] == finished | {"found"}
    assert taught["range"] == taught["reverb"] == finished
    table = pd.read_csv(folder / "evaluation" / "evaluation.csv")
    assert table["column"].nunique() == 13
    assert set(pd.read_csv(folder / "evaluation" / "by_group.csv")["column"]) == set(
        table["column"]
    )


def test_a_step_that_is_done_is_not_begun_again(
    walked: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is separated, measured, fitted or mixed twice; the files are as they were."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a finished training began again")

    monkeypatch.setattr(held_out, "fit", never)
    kept = {path: path.read_bytes() for path in (folder / "weights").rglob("*") if path.is_file()}
    said = {shlex.split(line)[1]: _said(line) for line in LEARNING}
    assert "0 separated by halves, 1 unchanged" in said["separate"]
    assert "0 newly measured" in said["prepare"]
    assert said["train"].count("there already, of these songs and settings") == len(NETWORKS)
    assert {path: path.read_bytes() for path in kept} == kept
    table = (folder / "evaluation" / "evaluation.csv").read_text(encoding="utf-8")
    assert table.count("\n") > 13
    other = LEARNING[2].replace("MUSDB18-HQ", "CC0")
    with pytest.raises(AssertionError, match="began again"):
        _said(other)


@pytest.mark.slow
def test_both_sets_of_weights_are_heard_and_reported(walked: dict[str, str], folder: Path) -> None:
    """Each mix is made by its own weights, and the report has both under their labels."""
    said = {shlex.split(line)[1]: _said(line) for line in LISTENING}
    manifest = pd.read_csv(folder / "build" / "manifest.csv")
    assert sorted(manifest["system"].unique()) == ["baseline", "cnn_ours", "cnn_shipped"]
    told = {row.system: json.loads(row.parameters) for row in manifest.itertuples()}
    level = {name: each["level"]["relative_loudness_lu"] for name, each in told.items()}
    assert level["cnn_ours"] != pytest.approx(level["cnn_shipped"], abs=0.5)
    assert "12 simulated participants" in said["simulate"]
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    assert "Our network" in page
    assert "Shipped network" in page
