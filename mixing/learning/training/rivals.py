"""Simple predictors from average spectra, which are compared with a network.

``ridge`` is a linear regression; ``mlp`` is a small network with two hidden layers. ``ridge`` and
``mlp`` use the average spectra of a song's clips (two kinds of mean in 64 bands, for backing and
vocal). The simple predictors do not use changes over time. The predictors and the networks are
trained on the same random examples, with random tone colours. Each example for the equaliser has
new random gains.

References
----------
A. E. Hoerl, R. W. Kennard: Ridge regression. Technometrics 12, 55–67 (1970).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from mixing.learning.data.songs import TaughtSong
from mixing.learning.features.features import Float32, Float64
from mixing.learning.features.summaries import SPECTRA
from mixing.learning.training.batches import draw_batch
from mixing.learning.training.fitting import Examples, cases_of

RIVALS = ("ridge", "mlp")
N_DRAWN = 1200
PENALTIES = np.geomspace(1, 1e5, 11)
HIDDEN = 64
N_STEPS, BATCH = 400, 64


def rival_answers(
    examples: Examples, songs: Sequence[TaughtSong], task: str, seed: int
) -> dict[str, dict[str, Float64]]:
    """Scaled predictions (n_cases, n_outputs) by each predictor, for each held-out song.

    The validation songs determine the penalty of the ridge regression. Without validation songs,
    the largest penalty is used.
    """
    rng = np.random.default_rng([seed, 1])
    drawn = draw_batch(examples.training, task, N_DRAWN, rng)
    x, y = _flat(drawn.summaries), drawn.targets.astype(np.float64)
    asked = {song.song: _case_summaries(song, task, seed) for song in songs}
    checked = [
        (_case_summaries(song, task, seed), cases_of(song, task, seed).truth)
        for song in examples.validation
    ]
    ridge = _ridge(x, y, checked)
    mlp = _mlp(x, y, seed)
    return {
        "ridge": {song: ridge[0] + summary @ ridge[1] for song, summary in asked.items()},
        "mlp": {song: _ask_mlp(mlp, summary) for song, summary in asked.items()},
    }


def _case_summaries(song: TaughtSong, task: str, seed: int) -> Float64:
    """For each case, the average of the spectra of a song's clips; shape (n_cases, 256)."""
    cases = cases_of(song, task, seed)
    flat = _flat(np.stack([summary for _, summary in cases.inputs]))
    return np.asarray(flat.reshape(len(cases.truth), -1, flat.shape[1]).mean(axis=1))


def _flat(summaries: Float32) -> Float64:
    return summaries[:, SPECTRA].astype(np.float64)


def _ridge(
    x: Float64, y: Float64, checked: Sequence[tuple[Float64, Float64]]
) -> tuple[Float64, Float64]:
    """Intercept and weights for the penalty with the smallest error on other songs."""
    mean, offset = x.mean(axis=0), y.mean(axis=0)
    left, singular, right = np.linalg.svd(x - mean, full_matrices=False)
    projected = left.T @ (y - offset)
    best, best_error = (offset, np.zeros((x.shape[1], y.shape[1]))), np.inf
    for penalty in PENALTIES[::-1]:
        shrunk = (singular / (np.square(singular) + penalty))[:, None] * projected
        weights = right.T @ shrunk
        intercept = offset - mean @ weights
        errors = [
            np.abs(intercept + summary @ weights - truth).mean() for summary, truth in checked
        ]
        error = float(np.mean(errors)) if errors else 0.0
        if error < best_error:
            best, best_error = (intercept, weights), error
    return best


def _mlp(x: Float64, y: Float64, seed: int) -> nn.Sequential:
    """Network with two hidden layers for average spectra, trained on the mean absolute error."""
    torch.manual_seed(seed)
    last = nn.Linear(HIDDEN, y.shape[1])
    # before the training, the network's outputs are close to the constant predictor
    with torch.no_grad():
        last.weight.mul_(0.1)
        last.bias.copy_(torch.from_numpy(np.median(y, axis=0)))
    network = nn.Sequential(
        nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Dropout(0.1),
        nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), last,
    )  # fmt: skip
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-2)
    inputs, wanted = torch.from_numpy(x).float(), torch.from_numpy(y).float()
    for _ in range(N_STEPS):
        rows = torch.randint(0, len(inputs), (BATCH,))
        loss = (network(inputs[rows]) - wanted[rows]).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


def _ask_mlp(network: nn.Sequential, summary: Float64) -> Float64:
    with torch.inference_mode():
        return np.asarray(network(torch.from_numpy(summary).float()).numpy(), dtype=np.float64)
