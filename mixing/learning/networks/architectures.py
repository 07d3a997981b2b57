"""Two architectures of a network: ``dense``, and ``li2022``, which serves for comparison.

The network of Li (2022) has four blocks with 8, 16, 32 and 64 channels. Each block has an unpadded
3 × 3 convolution, a normalisation, a rectifier and a pooling. After the blocks, the network has a
dropout layer and one linear layer. Before the first block, every mel band is divided by its energy
over the time of the clip, on a linear scale. The division removes level and spectrum from the
input. The network is the same as in Li (2022), except for the size of the input. The input has 54
frames of 64 bands; in Li (2022), it has 64 frames of 128 bands. The last layer of the network
therefore has 128 inputs; in Li (2022), it has 768.

Both architectures take two inputs: a clip (batch, 2, frames, 64) from
:func:`mixing.learning.features.features.picture_of`, and a summary (batch, 2, 2, 64). ``li2022``
ignores the summary.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mixing.audio import AudioError
from mixing.learning.features.features import CLIP_FRAMES, N_MELS
from mixing.learning.networks.forward import (
    ARCHITECTURES,
    LI2022_CHANNELS,
    LI2022_DECIBELS_A_UNIT,
    OUTPUT_SCALE,
)
from mixing.learning.networks.networks import DenseNetwork

LI2022_DROPOUT = 0.3


class Li2022Network(nn.Module):
    """The network of Li (2022): scaled outputs (batch, n) for a clip; the summary is not used."""

    constant: Tensor
    shrinkage: Tensor

    def __init__(self, n_outputs: int) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        n_in, rows, columns = 2, CLIP_FRAMES, N_MELS
        for n_out in LI2022_CHANNELS:
            blocks += [
                nn.Conv2d(n_in, n_out, 3, bias=False),
                nn.BatchNorm2d(n_out),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
            n_in, rows, columns = n_out, (rows - 2) // 2, (columns - 2) // 2
        self.image = nn.Sequential(*blocks)
        self.dense = nn.Sequential(nn.Dropout(LI2022_DROPOUT), nn.Linear(n_in * columns, n_outputs))
        self.register_buffer("constant", torch.full((n_outputs,), 0.5))
        self.register_buffer("shrinkage", torch.ones(n_outputs))

    def forward(self, clip: Tensor, summary: Tensor) -> Tensor:
        """Scaled outputs (batch, n_outputs) of the network."""
        power = 10 ** (clip * (LI2022_DECIBELS_A_UNIT / 10))
        picture = power / power.norm(dim=2, keepdim=True)
        # the image has one row for an input of 54 frames; a longer input has more rows
        zones = self.image(picture).mean(dim=2)
        answer: Tensor = self.constant + self.shrinkage * OUTPUT_SCALE * self.dense(
            zones.flatten(1)
        )
        return answer


SomeNetwork = DenseNetwork | Li2022Network


def check_architecture(name: str) -> None:
    """Raise ``AudioError`` if no architecture has the given name."""
    if name not in ARCHITECTURES:
        raise AudioError(f"There is no architecture {name!r}; choose {' or '.join(ARCHITECTURES)}.")


def new_network(architecture: str, n_outputs: int) -> SomeNetwork:
    """Untrained network. Raises ``AudioError`` if the architecture does not exist."""
    check_architecture(architecture)
    return DenseNetwork(n_outputs) if architecture == "dense" else Li2022Network(n_outputs)
