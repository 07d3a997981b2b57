"""Training that is cut short and gone on with, and its other architectures, losses and devices."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from mixing.audio import AudioError
from mixing.learning.data.songs import TaughtSong
from mixing.learning.features import features
from mixing.learning.features.summaries import N_SUMMARY
from mixing.learning.networks.architectures import Li2022Network, new_network
from mixing.learning.networks.networks import tensors_of
from mixing.learning.networks.precision import Precision, precision_for
from mixing.learning.training import fitting
from mixing.learning.training.batches import Batch
from mixing.learning.training.checkpoint import TrainingRun
from mixing.learning.training.fitting import Examples, FitSettings, fit, loss_of
from mixing.learning.training.train import TrainSettings, train

RATE = 44_100
CPU = Precision("cpu", mixed=False)


@pytest.fixture(scope="module")
def songs() -> list[TaughtSong]:
    """Three songs of noise with made-up targets."""
    rng = np.random.default_rng(3)
    made = []
    for i in range(3):
        noise = rng.normal(0, 0.1, (1, 11 * RATE)).astype(np.float32)
        clips = features.clips_of(noise, features.log_mel_of(noise[:, ::-1], RATE), RATE)
        targets = {"level": np.array([-4.0 + 2 * i]), "range": np.array([8.0])}
        made.append(TaughtSong(f"noise_{i}", "finished stems", RATE, clips, targets))
    return made


def test_a_training_that_was_killed_ends_as_if_it_had_not_been(
    songs: list[TaughtSong], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in its third epoch and begun again: the same weights and losses, bit by bit."""
    monkeypatch.setattr(fitting, "CHECK_EVERY", 4)
    examples, settings = Examples(songs[:2], songs[2:]), FitSettings("eq", 14)
    whole = fit(examples, settings, seed=5)
    draw, drawn = fitting.draw_batch, []

    def draw_ten(*arguments: object) -> Batch:
        drawn.append(1)
        if len(drawn) > 11:  # the first draw places the inputs
            raise KeyboardInterrupt
        return draw(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "draw_batch", draw_ten)
    checkpoint = tmp_path / "eq.checkpoint"
    with pytest.raises(KeyboardInterrupt):
        fit(examples, settings, seed=5, checkpoint=checkpoint)
    drawn.clear()
    resumed = fit(examples, settings, seed=5, checkpoint=checkpoint)
    assert len(drawn) == 1 + 14 - 8  # two epochs of four were kept
    assert resumed.losses == whole.losses
    assert resumed.validation == whole.validation
    assert resumed.best_step == whole.best_step
    expected = tensors_of(whole.network)
    for name, value in tensors_of(resumed.network).items():
        assert (value == expected[name]).all(), name


@pytest.mark.parametrize(("tolerance", "kept"), [(0.0, 3), (0.05, 5)])
def test_validation_may_rise_by_the_tolerance_before_earlier_weights_are_kept(
    tolerance: float, kept: int
) -> None:
    """Least 8.5 in the third step; 8.9 in the fifth is within 5 % of it, 9.0 in the last is not."""
    network = new_network("dense", 1)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.0)
    run = TrainingRun(network, optimiser, np.random.default_rng(0), 0.9, tolerance)
    for step, error in enumerate([10.0, 9.0, 8.5, 8.6, 8.9, 9.0], start=1):
        run.losses.append(0.0)
        run.averaged.constant.fill_(float(step))
        run.note_validation(error)
    assert run.best_step == kept
    assert run.best_network().constant.item() == kept


def test_a_checkpoint_of_something_else_is_refused(
    songs: list[TaughtSong], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rubbish, and the state of another network, are named and not trained on."""
    monkeypatch.setattr(fitting, "CHECK_EVERY", 1)
    checkpoint = tmp_path / "level.checkpoint"
    checkpoint.write_bytes(b"not a checkpoint")
    with pytest.raises(AudioError, match="does not hold this training's state"):
        fit(Examples(songs), FitSettings("level", 1), 0, checkpoint)
    checkpoint.unlink()
    fit(Examples(songs), FitSettings("level", 1), 0, checkpoint)
    with pytest.raises(AudioError, match="delete the file to start again"):
        fit(Examples(songs), FitSettings("level", 2, architecture="li2022"), 0, checkpoint)


def test_li2022s_loss_gives_untouched_bands_a_tenth() -> None:
    """Four bands off by 0.2 and five by 0.1: 0.04 + 0.1 · 0.01, and 0.2² for a level."""
    network = new_network("dense", 9).eval()
    torch.nn.init.zeros_(network.dense[-1].weight)
    torch.nn.init.zeros_(network.dense[-1].bias)
    network.constant.fill_(0.6)
    targets = np.full((1, 9), 0.5, dtype=np.float32)
    targets[0, :4] = 0.8
    clip, summary = np.zeros((1, 0), np.float32), np.zeros((1, N_SUMMARY), np.float32)
    loss = loss_of(network, Batch(clip, summary, targets), FitSettings("eq", 1, loss="li2022"), CPU)
    assert float(loss.detach()) == pytest.approx(0.04 + 0.1 * 0.01, rel=1e-4)
    level = Batch(clip, summary, targets[:, :1])
    settings = FitSettings("level", 1, loss="li2022")
    one = new_network("dense", 1).eval()
    torch.nn.init.zeros_(one.dense[-1].weight)
    torch.nn.init.zeros_(one.dense[-1].bias)
    one.constant.fill_(0.6)
    assert float(loss_of(one, level, settings, CPU).detach()) == pytest.approx(0.04, rel=1e-4)


def test_li2022s_network_hears_neither_level_nor_spectrum() -> None:
    """A gain on any mel band, constant in time, changes nothing; 128 numbers reach its end."""
    torch.manual_seed(1)
    network = new_network("li2022", 3).eval()
    assert isinstance(network, Li2022Network)
    assert network.dense[-1].in_features == 128
    clip, summary = torch.rand(1, 2, 54, 64), torch.zeros(1, 2, 2, 64)
    tone = torch.linspace(-1, 1, 64)
    with torch.inference_mode():
        assert network(clip + tone, summary) == pytest.approx(network(clip, summary), abs=1e-6)
        flipped = network(clip.flip(2), summary)
        assert (flipped - network(clip, summary)).abs().max() > 5e-5


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (FitSettings("level", 1, architecture="vast"), "no architecture 'vast'; choose dense"),
        (FitSettings("level", 1, loss="none"), "no loss 'none'; choose robust or li2022"),
        (FitSettings("level", 1, device="tpu"), "no device 'tpu'"),
        (FitSettings("level", 1, device="cuda"), "no GPU on this machine; train with --device cpu"),
    ],
)
def test_what_does_not_exist_is_named(
    songs: list[TaughtSong], settings: FitSettings, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt choice, or a GPU that is not there, is one sentence."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(AudioError, match=sentence):
        fit(Examples(songs), settings, 0)


@pytest.mark.parametrize(
    "settings", [TrainSettings(architecture="vast"), TrainSettings(loss="none")]
)
def test_a_misspelt_choice_leaves_no_folder_behind(tmp_path: Path, settings: TrainSettings) -> None:
    """It is named before a song is read or anything is written."""
    out = tmp_path / "weights"
    with pytest.raises(AudioError, match=r"There is no (architecture 'vast'|loss 'none')"):
        train([tmp_path], ("level",), out, ThreadPoolExecutor(1), settings, {})
    assert not out.exists()


def test_a_gpu_is_used_in_mixed_precision_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A faked GPU is chosen by itself, with mixed precision; the processor never has it."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert precision_for("auto") == Precision("cuda", mixed=True)
    assert precision_for("cpu") == Precision("cpu", mixed=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert precision_for("auto") == Precision("cpu", mixed=False)


def test_mixed_precision_teaches_the_same(
    songs: list[TaughtSong], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path a GPU takes, on the processor: bfloat16 forward, float32 weights, like losses."""
    plain = fit(Examples(songs), FitSettings("eq", 8), seed=4)
    monkeypatch.setattr(fitting, "precision_for", lambda _: Precision("cpu", mixed=True))
    mixed = fit(Examples(songs), FitSettings("eq", 8), seed=4)
    assert mixed.losses != plain.losses
    assert mixed.losses == pytest.approx(plain.losses, rel=0.03)
    for name, value in tensors_of(mixed.network).items():
        assert value.dtype == np.float32, name
