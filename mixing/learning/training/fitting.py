"""Fitting of a network, and predictions for a song.

Training uses a fixed random seed and one thread. The same songs and seed therefore give the same
weights on the same machine. Of all steps, the training keeps the network with the smallest or
nearly the smallest error on the validation songs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mixing.audio import AudioError
from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import Clip, Float32, Float64, picture_of
from mixing.learning.features.reverberation import draw_reverb, reverberant
from mixing.learning.features.summaries import HEARD, N_SUMMARY, SPECTRA, summary_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.architectures import SomeNetwork, check_architecture, new_network
from mixing.learning.networks.networks import DenseNetwork
from mixing.learning.networks.precision import Precision, precision_for
from mixing.learning.training.batches import Batch, damaged, draw_batch, draw_damage
from mixing.learning.training.checkpoint import TrainingRun
from mixing.learning.weight_files import DEFAULT_ARCHITECTURE

BATCH_SIZE = 192
N_DRAWN = {"eq": 512, "level": 600, "range": 800, "reverb": 2000}
"""Numbers of examples that are drawn before the training. The examples determine offset and scale
of a network's inputs. A network is trained only on these examples, but examples for the equaliser
are drawn again for every step."""
# Highest learning rate. The learning rate rises from 0 to this value in the first third of the
# steps, and then falls to 0.
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.1
# the loss is linear for scaled errors above this value; for the equaliser the value is 0.3 dB
LINEAR_ABOVE = 0.01
UNCHANGED_WEIGHT = 0.1  # weight of the unchanged bands in Li's (2022) loss
AVERAGING = 0.95  # decay per step of the running average of the weights
CHECK_EVERY = 50
TOLERANCE = {"eq": 0.05, "level": 0.0, "range": 0.0, "reverb": 0.0}
"""Share by which the validation error may exceed its minimum before earlier weights are kept. The
error of two or three songs about equalisers changes by 1 to 3 % from check to check, even if the
network learns nothing more."""
CLIPS_ASKED = 8  # number of clips from each held-out song, spread evenly over the song
DAMAGES_ASKED = 16  # number of random equalisers for each held-out song
REVERBS_ASKED = 8  # number of random reverbs for each dry held-out song
SMALLEST_DEVIATION = 0.1
LOSSES = ("robust", "li2022")
STEPS = {"eq": 700, "level": 200, "range": 200, "reverb": 400}
"""Largest number of training steps of each network."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Songs for the fit, and songs (if any) that determine which step is kept."""

    training: Sequence[TaughtSong]
    validation: Sequence[TaughtSong] = ()


@dataclass(frozen=True, slots=True)
class FitSettings:
    """Architecture of a network, and settings of its training.

    ``architecture`` is ``"dense"`` or ``"li2022"``. ``loss`` is ``"robust"`` (mean absolute error)
    or ``"li2022"`` (mean squared error, with a weight of 0.1 for unchanged bands). ``device`` is
    passed to :func:`mixing.learning.networks.precision.precision_for`.
    """

    task: str
    n_steps: int
    architecture: str = DEFAULT_ARCHITECTURE
    loss: str = "robust"
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted network, the step that was kept, and the losses and errors during training.

    ``losses`` has the training loss for each step. ``validation`` has the mean absolute error on
    the validation songs (in scaled units) for each tested step.
    """

    network: SomeNetwork
    best_step: int
    losses: tuple[float, ...]
    validation: dict[int, float]


@dataclass(frozen=True, slots=True)
class Cases:
    """Test cases of a song: scaled true values (n_cases, n_outputs), and each case's inputs.

    All cases have the same number of inputs. Each input consists of a picture and a summary. A case
    has one input for each clip. If the network needs no picture, a case has only one input, without
    a picture.
    """

    truth: Float64
    inputs: Sequence[tuple[Float32, Float32]]


@dataclass(frozen=True, slots=True)
class Answers:
    """Scaled true values and scaled predictions for one song, each (n_cases, n_outputs).

    The significance test of a network treats all songs of one ``group`` as one case.
    """

    song: str
    source: str
    truth: Float64
    predicted: Float64
    group: str = ""

    @property
    def together(self) -> str:
        """Name of the song's group; a song without a group name is a group of its own."""
        return self.group or self.song


def check_names(architecture: str, loss: str) -> None:
    """Raise ``AudioError`` if the architecture or the loss does not exist."""
    check_architecture(architecture)
    if loss not in LOSSES:
        raise AudioError(f"There is no loss {loss!r}; choose {' or '.join(LOSSES)}.")


def fit(
    examples: Examples, settings: FitSettings, seed: int, checkpoint: Path | None = None
) -> Fit:
    """Network that was fitted to songs.

    Parameters
    ----------
    checkpoint
        File for the state of the training, written every ``CHECK_EVERY`` steps. If the file exists,
        the training continues from the state in it. A continued training gives the same result as
        an uninterrupted training.

    Raises
    ------
    AudioError
        The architecture, the loss or the device does not exist, or the checkpoint belongs to
        another training.

    Notes
    -----
    A running average of the weights is checked and kept: single steps jump about.
    """
    check_names(settings.architecture, settings.loss)
    torch.set_num_threads(1)  # these networks are so small that several threads are not faster
    torch.manual_seed(seed)
    precision = precision_for(settings.device)
    network = new_network(settings.architecture, len(NETWORKS[settings.task].outputs))
    network.constant.copy_(torch.from_numpy(best_constant(examples.training, settings.task)))
    network.to(precision.device)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    rng = np.random.default_rng(seed)
    pictures = settings.architecture == "li2022"
    n_drawn = N_DRAWN[settings.task]
    pool = draw_batch(examples.training, settings.task, n_drawn, rng, pictures)
    if isinstance(network, DenseNetwork):
        _place_inputs(network, pool.summaries, settings.task)
    run = TrainingRun(network, optimiser, rng, AVERAGING, TOLERANCE[settings.task])
    if checkpoint is not None:
        run.go_on_from(checkpoint)
    checks = [(s, cases_of(s, settings.task, seed, pictures)) for s in examples.validation]
    while run.step < settings.n_steps:
        network.train()
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * _pace(run.step / settings.n_steps)
        if settings.task == "eq":
            batch = draw_batch(examples.training, settings.task, BATCH_SIZE, rng, pictures)
        else:
            batch = _part_of(pool, rng)
        run.take_step(loss_of(network, batch, settings, precision))
        if run.step % CHECK_EVERY == 0:
            if checks:
                answers = [_answers_of(run.averaged, song, cases) for song, cases in checks]
                run.note_validation(mean_absolute_error(answers))
            if checkpoint is not None:
                run.keep(checkpoint)
    return Fit(run.best_network(), run.best_step, tuple(run.losses), dict(run.validation))


def _pace(done: float) -> float:
    """Learning rate, divided by its highest value, after the share ``done`` of all steps."""
    if done < 0.3:
        return float(0.04 + 0.96 * (1 - np.cos(np.pi * done / 0.3)) / 2)
    return float((1 + np.cos(np.pi * (done - 0.3) / 0.7)) / 2) + 1e-4


def _part_of(pool: Batch, rng: np.random.Generator) -> Batch:
    """Random selection from examples that were made beforehand."""
    rows = rng.integers(len(pool.targets), size=min(BATCH_SIZE, len(pool.targets)))
    return Batch(pool.clips[rows], pool.summaries[rows], pool.targets[rows])


def _place_inputs(network: DenseNetwork, summaries: Float32, task: str) -> None:
    """Set offset and scale of the inputs from examples; spectra in dB are not scaled."""
    scale = np.zeros(N_SUMMARY, dtype=np.float32)
    for part in HEARD[task]:
        deviation = summaries[:, part].std(axis=0)
        scale[part] = 1.0 if part == SPECTRA else 1 / np.maximum(deviation, SMALLEST_DEVIATION)
    network.offset.copy_(torch.from_numpy(summaries.mean(axis=0)))
    network.scale.copy_(torch.from_numpy(scale))


def loss_of(
    network: SomeNetwork, batch: Batch, settings: FitSettings, precision: Precision
) -> torch.Tensor:
    """Loss of a batch in scaled units; see :class:`FitSettings`."""
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
    """Scaled constant with the smallest mean absolute error, which is the median over the songs.

    For the equaliser, the constant is 0 dB, because the random gains are symmetric about 0 dB. The
    reverbs that are added to a dry vocal are also counted in the median.
    """
    network = NETWORKS[task]
    if task == "eq":
        return network.to_scaled(np.zeros(len(network.outputs)))
    truths = [network.to_scaled(truths_of(song, task, 0)) for song in songs]
    even = [truth[np.arange(REVERBS_ASKED) % len(truth)] for truth in truths]
    return np.asarray(np.median(np.concatenate(even), axis=0))


def truths_of(song: TaughtSong, task: str, seed: int) -> Float64:
    """True values of the cases of a song, (n_cases, n_outputs) in their units.

    Most songs have only one case: the target of the song. For the equaliser, the cases of a song
    are ``DAMAGES_ASKED`` random equalisers. For a dry vocal, the cases are ``REVERBS_ASKED``
    reverbs that are added to the vocal; a reverb set by hand is one of them.
    """
    rng = np.random.default_rng([seed, *song.song.encode()])
    if task == "eq":
        return np.array([draw_damage(rng) for _ in range(DAMAGES_ASKED)])
    own = [song.targets[task]] if task in song.targets else []
    if task == "reverb" and song.dry:
        own += [draw_reverb(rng) for _ in range(REVERBS_ASKED - len(own))]
    return np.array(own)


def cases_of(song: TaughtSong, task: str, seed: int, pictures: bool = False) -> Cases:
    """Targets of a held-out song, and the song's input in each case."""
    places = np.unique(np.linspace(0, len(song.clips) - 1, CLIPS_ASKED).round().astype(int))
    clips = [song.clips[place] for place in places]
    truths = truths_of(song, task, seed)
    inputs: list[tuple[Float32, Float32]] = []
    for truth in truths:
        changed = [_changed(clip, song, task, truth) for clip in clips]
        summary = summary_of(changed, task)
        looked_at = [picture_of(c.log_mel) for c in changed] if pictures else [np.zeros(0)]
        inputs += [(picture.astype(np.float32), summary) for picture in looked_at]
    return Cases(NETWORKS[task].to_scaled(truths), inputs)


def _changed(clip: Clip, song: TaughtSong, task: str, truth: Float64) -> Clip:
    """A clip to which the equaliser or the reverb of a case is applied."""
    if task == "eq":
        return Clip(damaged(clip, truth, song.sample_rate), None)
    if task == "reverb" and song.dry:
        return Clip(reverberant(clip.log_mel, truth), None)
    return clip


def ask(network: SomeNetwork, song: TaughtSong, task: str, seed: int) -> Answers:
    """True values and prediction for a song; the prediction is a mean over a case's pictures."""
    pictures = not isinstance(network, DenseNetwork)
    return _answers_of(network, song, cases_of(song, task, seed, pictures))


def _answers_of(network: SomeNetwork, song: TaughtSong, cases: Cases) -> Answers:
    answers = _answer(network, cases.inputs).reshape(len(cases.truth), -1, cases.truth.shape[1])
    return Answers(song.song, song.source, cases.truth, answers.mean(axis=1), song.together)


def mean_absolute_error(answers: Sequence[Answers]) -> float:
    """Mean absolute error in scaled units: mean over cases and outputs, then over songs."""
    return float(np.mean([np.abs(a.predicted - a.truth).mean() for a in answers]))


def _answer(network: SomeNetwork, inputs: Sequence[tuple[Float32, Float32]]) -> Float64:
    """Scaled outputs (n_inputs, n_outputs)."""
    network.eval()
    device = network.constant.device
    clips = torch.from_numpy(np.stack([image for image, _ in inputs])).to(device)
    summaries = torch.from_numpy(np.stack([summary for _, summary in inputs])).to(device)
    with torch.inference_mode():
        return np.asarray(network(clips, summaries).cpu().numpy(), dtype=np.float64)
