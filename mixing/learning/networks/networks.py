"""``dense``, the architecture of all four shipped networks.

The network has three dense layers. The input is the summary of a song
(:mod:`mixing.learning.features.summaries`). Convolutions over time were also tried. With few
training songs, convolutions over time learn to recognise the songs. Each output of the layers is
multiplied by a factor (its shrinkage), and added to a constant:

``prediction = constant + shrinkage · net(summary)`` (scaled units).

With a shrinkage of 0, the output *is* the constant. torch trains the networks; predictions need
only numpy (:mod:`mixing.learning.networks.forward`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mixing.learning.features.summaries import N_SUMMARY
from mixing.learning.networks.forward import INPUT_LIMIT, OUTPUT_SCALE
from mixing.learning.weight_files import Tensors

HIDDEN = 256
DROPOUT = 0.3
_COUNTER = "num_batches_tracked"


class DenseNetwork(nn.Module):
    """Network that converts summaries (batch, N_SUMMARY) to scaled outputs (batch, n).

    ``offset`` and ``scale`` convert the numbers of a summary to numbers near ±1. A number of the
    summary with a scale of 0 is not used.
    """

    constant: Tensor
    shrinkage: Tensor
    offset: Tensor
    scale: Tensor

    def __init__(self, n_outputs: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(
            nn.Linear(N_SUMMARY, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, n_outputs),
        )
        self.register_buffer("constant", torch.full((n_outputs,), 0.5))
        self.register_buffer("shrinkage", torch.ones(n_outputs))
        self.register_buffer("offset", torch.zeros(N_SUMMARY))
        self.register_buffer("scale", torch.ones(N_SUMMARY))

    def forward(self, clip: Tensor, summary: Tensor) -> Tensor:
        """Scaled outputs (batch, n_outputs)."""
        heard = ((summary - self.offset) * self.scale).clamp(-INPUT_LIMIT, INPUT_LIMIT)
        answer: Tensor = self.constant + self.shrinkage * OUTPUT_SCALE * self.dense(heard)
        return answer


def tensors_of(network: nn.Module) -> Tensors:
    """Weights and buffers of a network as arrays, by name; step counters are left out."""
    return {
        name: value.detach().cpu().numpy()
        for name, value in network.state_dict().items()
        if not name.endswith(_COUNTER)
    }
