"""Fitting one network, and asking it about a song.

Training is seeded and single-threaded: the same songs and seed give the same weights on the same
machine. It stops at the step that predicts the validation songs best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mixing.audio import AudioError
from mixing.learning.architectures import SomeNetwork, new_network
from mixing.learning.batches import Batch, damaged, draw_batch, draw_damage
from mixing.learning.features import Float32, Float64, network_input
from mixing.learning.precision import Precision, precision_for
from mixing.learning.songs import TaughtSong
from mixing.learning.targets import NETWORKS
from mixing.learning.training_run import TrainingRun

BATCH_SIZE = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
LINEAR_ABOVE = 0.1  # scaled error (3 dB of EQ) from which the loss grows linearly
UNCHANGED_WEIGHT = 0.1  # of bands that were left alone, in the seed's loss
AVERAGING = 0.98  # share of the running average of the weights that each step keeps
CHECK_EVERY = 50
CLIPS_ASKED = 6  # of a held-out song, spread evenly over it
DAMAGES_ASKED = 16  # random equalisers per held-out song
LOSSES = ("robust", "seed")
STEPS = {"eq": 1500, "level": 300, "range": 300, "reverb": 300}
"""How long each network is taught at most."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Songs to fit to, and songs whose error picks the step that is kept (may be none)."""

    training: Sequence[TaughtSong]
    validation: Sequence[TaughtSong] = ()


@dataclass(frozen=True, slots=True)
class FitSettings:
    """What is fitted and how.

    ``architecture`` is ``"ours"`` or ``"seed"``, ``loss`` ``"robust"`` (Huber) or ``"seed"``: mean
    squares, of the bands that were left alone a tenth. ``device`` as
    :func:`mixing.learning.precision.precision_for` takes it.
    """

    task: str
    n_steps: int
    architecture: str = "ours"
    loss: str = "robust"
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted network, the step it stems from, and how training went.

    ``losses`` has the training loss of each step, ``validation`` the mean absolute error of the
    validation songs (scaled) by step.
    """

    network: SomeNetwork
    best_step: int
    losses: tuple[float, ...]
    validation: dict[int, float]


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases of a song: scaled truth (n_cases, n_outputs), and the inputs, case by case.

    Every case has the same clips; each input is a picture and its summary.
    """

    truth: Float64
    inputs: Sequence[tuple[Float32, Float32]]


@dataclass(frozen=True, slots=True)
class Answers:
    """Truth and prediction for one song, scaled: both (n_cases, n_outputs)."""

    song: str
    source: str
    truth: Float64
    predicted: Float64


def fit(
    examples: Examples, settings: FitSettings, seed: int, checkpoint: Path | None = None
) -> Fit:
    """Network fitted to songs.

    Parameters
    ----------
    checkpoint
        File that holds the training's state after every epoch of ``CHECK_EVERY`` steps; where it
        is there already, training goes on from it, to the same result as if never interrupted.

    Raises
    ------
    AudioError
        Architecture, loss or device do not exist, or the checkpoint is of another training.

    Notes
    -----
    What is checked and kept is a running average of the weights: single steps jump about. A pure
    L1 loss was seen to stay at the constant for over a thousand steps.
    """
    if settings.loss not in LOSSES:
        raise AudioError(f"there is no loss {settings.loss!r}; there are {' and '.join(LOSSES)}")
    torch.set_num_threads(1)  # the networks are too small to share
    torch.manual_seed(seed)
    precision = precision_for(settings.device)
    network = new_network(settings.architecture, len(NETWORKS[settings.task].outputs))
    network.constant.copy_(torch.from_numpy(best_constant(examples.training, settings.task)))
    network.to(precision.device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    rng = np.random.default_rng(seed)
    run = TrainingRun(network, optimiser, rng, AVERAGING)
    if checkpoint is not None:
        run.go_on_from(checkpoint)
    while run.step < settings.n_steps:
        network.train()
        batch = draw_batch(examples.training, settings.task, BATCH_SIZE, rng)
        run.take_step(loss_of(network, batch, settings, precision))
        if run.step % CHECK_EVERY == 0:
            if examples.validation:
                answers = [ask(run.averaged, s, settings.task, seed) for s in examples.validation]
                run.note_validation(mean_absolute_error(answers))
            if checkpoint is not None:
                run.keep(checkpoint)
    return Fit(run.best_network(), run.best_step, tuple(run.losses), dict(run.validation))


def loss_of(
    network: SomeNetwork, batch: Batch, settings: FitSettings, precision: Precision
) -> torch.Tensor:
    """Loss of a batch in scaled units, see :class:`FitSettings`."""
    with precision.forward_pass():
        answer = network(precision.tensor(batch.clips), precision.tensor(batch.summaries))
    predicted, wanted = answer.float(), precision.tensor(batch.targets)
    if settings.loss == "robust":
        return torch.nn.functional.smooth_l1_loss(predicted, wanted, beta=LINEAR_ABOVE)
    squares = torch.square(predicted - wanted)
    if settings.task != "eq":
        return squares.mean()
    left_alone = wanted == 0.5  # 0 dB
    return squares[~left_alone].mean() + UNCHANGED_WEIGHT * squares[left_alone].mean()


def best_constant(songs: Sequence[TaughtSong], task: str) -> Float64:
    """Scaled answer with the least mean absolute error if nothing is heard: the songs' median.

    For the equaliser that is 0 dB: the damage is symmetric about it.
    """
    network = NETWORKS[task]
    if task == "eq":
        return network.to_scaled(np.zeros(len(network.outputs)))
    return np.asarray(np.median([network.to_scaled(song.targets[task]) for song in songs], axis=0))


def cases_of(song: TaughtSong, task: str, seed: int) -> Cases:
    """What a held-out song is asked: once, or about ``DAMAGES_ASKED`` random equalisers."""
    places = np.unique(np.linspace(0, len(song.clips) - 1, CLIPS_ASKED).round().astype(int))
    clips = [song.clips[place] for place in places]
    if task != "eq":
        truth = NETWORKS[task].to_scaled(song.targets[task])[None]
        return Cases(truth, [network_input(clip.log_mel) for clip in clips])
    rng = np.random.default_rng([seed, *song.song.encode()])
    gains = [draw_damage(rng) for _ in range(DAMAGES_ASKED)]
    inputs = [
        network_input(damaged(clip, gain, song.sample_rate)) for gain in gains for clip in clips
    ]
    return Cases(NETWORKS[task].to_scaled(np.array(gains)), inputs)


def ask(network: SomeNetwork, song: TaughtSong, task: str, seed: int) -> Answers:
    """Truth and prediction for a song: in each case, its clips' predictions are averaged."""
    cases = cases_of(song, task, seed)
    answers = _answer(network, cases.inputs).reshape(len(cases.truth), -1, cases.truth.shape[1])
    return Answers(song.song, song.source, cases.truth, answers.mean(axis=1))


def mean_absolute_error(answers: Sequence[Answers]) -> float:
    """Mean over songs of the mean absolute error over cases and outputs, scaled."""
    return float(np.mean([np.abs(a.predicted - a.truth).mean() for a in answers]))


def _answer(network: SomeNetwork, inputs: Sequence[tuple[Float32, Float32]]) -> Float64:
    """Scaled outputs (n_inputs, n_outputs)."""
    network.eval()
    device = network.constant.device
    clips = torch.from_numpy(np.stack([image for image, _ in inputs])).to(device)
    summaries = torch.from_numpy(np.stack([summary for _, summary in inputs])).to(device)
    with torch.inference_mode():
        return np.asarray(network(clips, summaries).cpu().numpy(), dtype=np.float64)
