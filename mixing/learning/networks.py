"""The networks: one small architecture for all four tasks.

A convolutional net reads the clip (backing and vocal as two channels of a log-mel image), keeps its
eight frequency zones apart and averages over time; beside it, the clip's average spectrum goes
straight to the dense layers, since the equaliser shows in that first of all. The net's answer is
added to a constant, shrunk towards it per output:

``prediction = constant + shrinkage · net(clip)`` (scaled units).

With a shrinkage of 0 the network *is* the constant. Torch teaches the networks; asking them takes
numpy alone (:mod:`mixing.learning.forward`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mixing.learning.features import N_MELS
from mixing.learning.forward import CHANNELS, OUTPUT_SCALE
from mixing.learning.targets import Network
from mixing.learning.weight_files import Tensors, WeightsError

HIDDEN = 96
DROPOUT = 0.1
_COUNTER = "num_batches_tracked"


class SongNetwork(nn.Module):
    """Clip (batch, 2, frames, 64) and summary (batch, 2, 2, 64) to scaled outputs (batch, n)."""

    constant: Tensor
    shrinkage: Tensor

    def __init__(self, n_outputs: int) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        n_in = 2
        for n_out in CHANNELS:
            blocks += [
                nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
                nn.BatchNorm2d(n_out),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
            n_in = n_out
        self.image = nn.Sequential(*blocks)
        n_image = CHANNELS[-1] * (N_MELS // 2 ** len(CHANNELS))
        self.dense = nn.Sequential(
            nn.Linear(n_image + 4 * N_MELS, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, n_outputs),
        )
        self.register_buffer("constant", torch.full((n_outputs,), 0.5))
        self.register_buffer("shrinkage", torch.ones(n_outputs))

    def forward(self, clip: Tensor, summary: Tensor) -> Tensor:
        """Scaled outputs (batch, n_outputs)."""
        zones = self.image(clip).mean(dim=2)  # over time: (batch, channels, zones)
        joined = torch.cat([zones.flatten(1), summary.flatten(1)], dim=1)
        answer: Tensor = self.constant + self.shrinkage * OUTPUT_SCALE * self.dense(joined)
        return answer


def tensors_of(network: nn.Module) -> Tensors:
    """Weights and buffers of a network as arrays, by name (without training's step counters)."""
    return {
        name: value.detach().cpu().numpy()
        for name, value in network.state_dict().items()
        if not name.endswith(_COUNTER)
    }


def network_from(tensors: Tensors, task: Network) -> SongNetwork:
    """Network for ``task`` with the given weights, ready to predict.

    Raises
    ------
    WeightsError
        A tensor is missing, superfluous or of another shape than this version's network has.
    """
    network = SongNetwork(len(task.outputs))
    expected = {name: value.shape for name, value in tensors_of(network).items()}
    given = {name: value.shape for name, value in tensors.items()}
    if expected != given:
        names = sorted(name for name in expected | given if expected.get(name) != given.get(name))
        raise WeightsError(
            f"the weights of the {task.name} network do not fit this version's network: "
            f"{names[0]} has shape {given.get(names[0])}, not {expected.get(names[0])}"
        )
    state = {name: torch.from_numpy(value) for name, value in tensors.items()}
    network.load_state_dict({**network.state_dict(), **state})
    return network.eval()
