"""From songs to weights: honest splits, runs that go on after a kill, songs that will not do."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixing.audio import AudioError, write_flac
from mixing.effects.eq import apply_eq
from mixing.ingest.decoding import read_audio
from mixing.learning.data.prepare import prepare
from mixing.learning.data.song_sources import LearningSongs, read_songs
from mixing.learning.features.features import log_mel_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.predict import predict
from mixing.learning.training import fitting, held_out
from mixing.learning.training import train as training
from mixing.learning.training.curves import curves_page
from mixing.learning.training.fitting import Examples, Fit, FitSettings, fit
from mixing.learning.training.held_out import folds_of
from mixing.learning.training.train import TrainSettings, train
from mixing.learning.weight_files import WeightsError, read_weights
from mixing.parameters import EqBand
from mixing.program import commit_of_the_program
from stimuli.rendering.processes import InThisProcess, process_pool

pytestmark = pytest.mark.usefixtures("short_search")

RATE = 44_100
N_SONGS = 5
FACTS = {"date": "2026-01-02", "commit": "0123456789ab", "licence": "CC0 1.0"}
SHORT = TrainSettings(n_folds=4, n_steps=3, seed=3)


def write_song(folder: Path, name: str, seed: int, rate: int = RATE, gain: float = 0.5) -> None:
    """Write twelve seconds of coloured noise as a vocal, and of other noise as a backing."""
    rng = np.random.default_rng(seed)
    vocal, backing = rng.normal(0, 0.1, (2, 2, 12 * rate)).astype(np.float32)
    (folder / name).mkdir(parents=True)
    coloured = gain * apply_eq(vocal, rate, [EqBand(250.0 * (seed % 5 + 1), 9.0)])
    write_flac(folder / name / "vocal.flac", coloured, rate)
    write_flac(folder / name / "backing.flac", backing, rate)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with five songs, of differing levels; one has another sample rate."""
    folder = tmp_path_factory.mktemp("songs")
    for i in range(N_SONGS):
        rate = 48_000 if i == 2 else RATE
        write_song(folder, f"song_{i}", i, rate, gain=0.2 * (i + 1))
    return folder


@pytest.fixture(scope="module")
def dataset(songs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same five songs, prepared."""
    out = tmp_path_factory.mktemp("dataset")
    prepare(songs, out, InThisProcess())
    return out


@pytest.fixture(autouse=True)
def few_examples(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Trainings that draw forty examples, but where another process draws as many as ever."""
    if "another_process" not in request.node.name:
        monkeypatch.setattr(fitting, "N_DRAWN", dict.fromkeys(NETWORKS, 40))


def weights_of(
    folder: Path, out: Path, executor: Executor | None = None, tasks: tuple[str, ...] = ("level",)
) -> dict[str, bytes]:
    """Train for three steps; return every file that it wrote, by name."""
    train([folder], tasks, out, executor or InThisProcess(), SHORT, FACTS)
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


# --- songs ------------------------------------------------------------------------------------


def test_songs_of_a_dataset_are_those_of_the_folder(songs: Path, dataset: Path) -> None:
    """The same clips to float16's precision, the same targets; reverb as it was heard besides."""
    of_folder, of_dataset = read_songs((songs,)), read_songs((dataset,))
    assert [s.song for s in of_dataset.songs] == [s.song for s in of_folder.songs]
    assert len(of_dataset.test) == 1
    for prepared, read in zip(of_dataset.songs, of_folder.songs, strict=True):
        assert prepared.sample_rate == read.sample_rate
        for a, b in zip(prepared.clips, read.clips, strict=True):
            assert a.log_mel == pytest.approx(b.log_mel, abs=0.05)
        assert prepared.targets["level"] == pytest.approx(read.targets["level"], abs=1e-3)
        assert prepared.targets["range"] == pytest.approx(read.targets["range"], abs=1e-3)
        assert prepared.targets["reverb"].shape == (10,)


def test_separated_songs_teach_neither_range_nor_reverb(dataset: Path, tmp_path: Path) -> None:
    """Their loudness range is worse than a constant, so only level and equaliser are learnt."""
    copy = tmp_path / "dataset"
    shutil.copytree(dataset, copy)
    table = (copy / "songs.csv").read_text(encoding="utf-8")
    (copy / "songs.csv").write_text(table.replace(",stems,", ",mix,"), encoding="utf-8")
    index = json.loads((copy / "dataset.json").read_text(encoding="utf-8"))
    content = (copy / "songs.csv").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    index["files"]["songs.csv"] = {"bytes": len(content), "sha256": sha256}
    (copy / "dataset.json").write_text(json.dumps(index), encoding="utf-8")
    for song in read_songs((copy,)).songs:
        assert song.source == "separated mixes"
        assert set(song.targets) == {"level"}


def test_bad_songs_are_left_out_and_named(dataset: Path, tmp_path: Path) -> None:
    """Truncated, silent, of a wrong rate, named like another, no pair: the rest is learnt from."""
    write_song(tmp_path, "cut_short", 1)
    whole = (tmp_path / "cut_short" / "vocal.flac").read_bytes()
    (tmp_path / "cut_short" / "vocal.flac").write_bytes(whole[: len(whole) // 2])
    write_song(tmp_path, "silent", 2, gain=0.0)
    write_song(tmp_path, "song_1", 3)
    write_song(tmp_path, "two_rates", 4)
    write_song(tmp_path, "no_vocal", 5)
    (tmp_path / "no_vocal" / "vocal.flac").unlink()
    write_song(tmp_path, "mixed", 6)
    (tmp_path / "mixed" / "backing.flac").unlink()
    (tmp_path / "mixed" / "vocal.flac").rename(tmp_path / "mixed" / "mix.flac")
    vocal, _ = read_audio(tmp_path / "two_rates" / "vocal.flac")
    write_flac(tmp_path / "two_rates" / "vocal.flac", vocal, 48_000)
    found = read_songs((dataset, tmp_path))
    assert [song.song for song in found.songs] == [f"song_{i}" for i in range(N_SONGS)]
    assert found.problems["silent"] == "The song has no section of 10 s with 3 s of audible vocal."
    assert "breaks off before its end" in found.problems["cut_short"]
    assert "samples at 48000 Hz" in found.problems["two_rates"]
    assert "Another song has the same name." in found.problems.values()
    assert found.problems["no_vocal/backing.flac"] == "It has no vocal beside it."
    assert "mixtrial prepare makes a dataset of it" in found.problems["mixed"]


def test_folders_that_teach_nothing_are_refused(tmp_path: Path) -> None:
    """No songs, or none with a vocal: one sentence."""
    with pytest.raises(AudioError, match=r"no pairs of stems .* mixtrial prepare makes"):
        read_songs((tmp_path,))
    with pytest.raises(AudioError, match="is a file; name the folder of the songs"):
        read_songs((Path(__file__),))
    write_song(tmp_path, "silent", 2, gain=0.0)
    with pytest.raises(
        AudioError,
        match=r"songs can be used for training:\n  silent: The song has no section of 10 s",
    ):
        read_songs((tmp_path,))


def test_one_song_cannot_be_split(tmp_path: Path) -> None:
    """It is refused with the reason, and nothing is written."""
    write_song(tmp_path / "songs", "song", 1)
    with pytest.raises(AudioError, match="Only 1 song can train the level network; at least 4"):
        train([tmp_path / "songs"], ["level"], tmp_path / "out", InThisProcess(), SHORT, FACTS)
    assert not (tmp_path / "out").exists()


def test_three_songs_cannot_be_split(dataset: Path) -> None:
    """One to be held out, one to validate by, and two to learn from: four at least."""
    three = LearningSongs(read_songs((dataset,)).songs[:3], frozenset(), {})
    with pytest.raises(AudioError, match=r"3 songs can train .* at least 4"):
        training.teaching(three, "level")


def test_too_few_songs_are_told_with_those_that_do_not_teach(dataset: Path) -> None:
    """How many cannot teach the network and why, and what was left out."""
    found = read_songs((dataset,))
    kept = LearningSongs(found.songs, frozenset(s.song for s in found.songs[1:]), {"a": "broken"})
    sentence = (
        r"Only 1 song can train the eq network; .* 4 more cannot: .* test .*\. "
        r"These songs were left out:\n  a: broken"
    )
    with pytest.raises(AudioError, match=sentence):
        training.teaching(kept, "eq")


def test_an_unfinished_dataset_is_told(dataset: Path, tmp_path: Path) -> None:
    """Parts without an index: prepare was killed, and goes on."""
    shutil.copytree(dataset, tmp_path / "killed")
    (tmp_path / "killed" / "dataset.json").unlink()
    with pytest.raises(AudioError, match=r"no finished dataset in .* run mixtrial prepare"):
        read_songs((tmp_path / "killed",))


def test_a_dataset_of_another_version_is_refused(dataset: Path, tmp_path: Path) -> None:
    """Its format is named, and what to do."""
    copy = tmp_path / "dataset"
    shutil.copytree(dataset, copy)
    index = json.loads((copy / "dataset.json").read_text(encoding="utf-8"))
    (copy / "dataset.json").write_text(json.dumps({**index, "format_version": 99}))
    with pytest.raises(AudioError, match=r"format 99.*run mixtrial prepare again"):
        train([copy], ["level"], tmp_path / "out", InThisProcess(), SHORT, FACTS)


# --- training ---------------------------------------------------------------------------------


def test_every_song_is_held_out_once_and_never_learnt_from(dataset: Path) -> None:
    """Training, validation and held-out songs of a fold are disjoint and are all the songs."""
    found = read_songs((dataset,)).songs
    folds = folds_of(found, N_SONGS, seed=1)
    whole = held_out.Training((dataset,), SHORT.fit_settings("level"), 1, (), (), (), dataset)
    trainings = held_out.trainings_of(folds, whole)
    assert sorted(t.held_out[0] for t in trainings) == [song.song for song in found]
    for one in trainings:
        assert sorted([*one.training, *one.validation, *one.held_out]) == [s.song for s in found]
        assert one.validation


def test_test_songs_of_a_dataset_never_teach(dataset: Path, tmp_path: Path) -> None:
    """The one test song is neither fitted to nor asked about; four remain, a fold each."""
    steps: list[training.Progress] = []
    outcome = train([dataset], ["level"], tmp_path, InThisProcess(), SHORT, FACTS, steps.append)
    assert [(step.done, step.total) for step in steps] == [(done, 5) for done in range(6)]
    taught = outcome.index["networks"]["level"]["songs"]
    assert len(taught) == N_SONGS - 1
    assert not set(taught) & read_songs((dataset,)).test


def test_training_repeats(dataset: Path, tmp_path: Path) -> None:
    """The same songs and seed give the same files, byte by byte: weights, index and card."""
    first = weights_of(dataset, tmp_path / "first")
    assert weights_of(dataset, tmp_path / "second") == first
    assert set(first) == {"level.safetensors", "weights.json", "model_card.md"}


@pytest.mark.slow
def test_training_repeats_in_another_process(songs: Path, tmp_path: Path) -> None:
    """A process of a pool gives the same weights, bit by bit."""
    names = ("song_0", "song_1", "song_3")
    settings = SHORT.fit_settings("level")
    one = held_out.Training((songs,), settings, 1, names, (), (), tmp_path / "there")
    with process_pool(1) as pool:
        there, losses = pool.submit(held_out.fit_whole, one).result()
    here, same_losses = held_out.fit_whole(replace(one, keep=tmp_path / "here"))
    assert losses == same_losses
    for name, value in here.items():
        assert (value == there[name]).all(), name


def test_a_killed_training_does_nothing_twice(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in its third fold and begun again: two folds are not fitted anew, the files equal."""
    fitted: list[str] = []

    def counting_fit(*arguments: object) -> Fit:
        fitted.append("")
        if len(fitted) == 3:
            raise KeyboardInterrupt
        return fit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(held_out, "fit", counting_fit)
    with pytest.raises(KeyboardInterrupt):
        weights_of(dataset, tmp_path / "killed")
    assert not (tmp_path / "killed" / "weights.json").exists()
    resumed = weights_of(dataset, tmp_path / "killed")
    assert len(fitted) == 2 + 1 + 2 + 1  # two folds; the one that was killed; two; the last fit
    monkeypatch.setattr(held_out, "fit", fit)
    assert resumed == weights_of(dataset, tmp_path / "whole")
    assert not (tmp_path / "killed" / ".training").exists()


def test_the_equaliser_is_asked_after_its_validation_songs_have_taught_it(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fitted anew to both for as many steps as the first fit kept; no state is left behind."""
    fitted: list[tuple[list[str], int]] = []

    def noting_fit(examples: Examples, settings: FitSettings, *others: Any) -> Fit:
        fitted.append(([song.song for song in examples.training], settings.n_steps))
        return replace(fit(examples, settings, *others), best_step=2)

    monkeypatch.setattr(held_out, "fit", noting_fit)
    for task in ("eq", "level"):
        settings = SHORT.fit_settings(task)
        names = ("song_0", "song_1"), ("song_3",), ("song_4",)
        held_out.hold_out(held_out.Training((dataset,), settings, 1, *names, tmp_path))
    taught = ["song_0", "song_1"]
    assert fitted == [(taught, 3), ([*taught, "song_3"], 2), (taught, 3)]
    assert not list(tmp_path.glob("*.checkpoint"))


def test_damaged_state_of_a_fold_is_made_anew(dataset: Path, tmp_path: Path) -> None:
    """A fold whose answers are cut short is fitted again."""
    whole = held_out.Training(
        (dataset,), SHORT.fit_settings("level"), 1, ("song_0", "song_1"), ("song_3",), ("song_4",),
        tmp_path,
    )  # fmt: skip
    first = held_out.hold_out(whole)
    (place,) = tmp_path.glob("*.json")
    content = place.read_bytes()
    assert held_out.hold_out(whole).songs[0].answers.predicted == pytest.approx(
        first.songs[0].answers.predicted, abs=0
    )
    place.write_bytes(content[:50])
    held_out.hold_out(whole)
    assert place.read_bytes() == content


def test_another_network_joins_the_first_and_li2022s_may_too(
    songs: Path, dataset: Path, tmp_path: Path
) -> None:
    """Networks trained one by one share index and card; Li's (2022) answers without torch too."""
    weights_of(dataset, tmp_path)
    settings = TrainSettings("li2022", "li2022", n_folds=4, n_steps=1)
    outcome = train([dataset], ["eq"], tmp_path, InThisProcess(), settings, FACTS)
    assert set(outcome.index["networks"]) == {"level", "eq"}
    card = (tmp_path / "model_card.md").read_text(encoding="utf-8")
    assert "| eq | li2022, li2022 | 2026-01-02 | 0123456789ab |" in card
    assert "Licence of the songs: CC0 1.0" in card
    for path in tmp_path.glob("*.safetensors"):
        assert path.stat().st_size < 5_000_000
        assert outcome.index["networks"][path.stem]["sha256"] in card
    vocal, rate = read_audio(songs / "song_0" / "vocal.flac")
    backing = read_audio(songs / "song_0" / "backing.flac")[0]
    assert predict("eq", vocal, log_mel_of(backing, rate), rate, tmp_path).outputs
    with pytest.raises(WeightsError, match="hold no network 'range'; train it into the same"):
        read_weights("range", tmp_path)


def test_a_process_that_dies_is_told() -> None:
    """Everything that was done is kept, and the sentence says so.

    What it is told to do is a function of Python itself: it need not load this file, and torch.
    """
    with process_pool(1) as pool, pytest.raises(AudioError, match="Finished work is kept"):
        dict(training.in_turn(pool, os._exit, [1, 1]))  # type: ignore[list-item]


def test_curves_show_every_network_and_every_fold(dataset: Path, tmp_path: Path) -> None:
    """One page with the last fit's losses and each fold's validation; the same each time."""
    outcome = train([dataset], ["level"], tmp_path, InThisProcess(), SHORT, FACTS)
    page = curves_page(outcome.courses)
    assert "level: training loss" in page
    for song in outcome.index["networks"]["level"]["songs"]:
        assert song in page
    assert "<html" in page
    assert curves_page(outcome.courses) == page, "another run would not give the same bytes"


def test_the_commit_is_the_checkouts() -> None:
    """Twelve digits that git itself gives."""
    told = subprocess.run(
        ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert told.startswith(commit_of_the_program())
    assert len(commit_of_the_program()) == 12
