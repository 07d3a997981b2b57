"""Device of the training: the processor with float32, or a GPU with mixed precision.

On a GPU, forward passes use bfloat16, which has the same range as float32, so losses need no
scaling. Weights, losses and gradients are always float32. On the processor, the same songs and
random seed give the same weights. On a GPU, the last digits may differ between runs.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from mixing.audio import AudioError

DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True, slots=True)
class Precision:
    """A device, and whether forward passes on it run in mixed precision."""

    device: str
    mixed: bool

    def tensor(self, array: npt.NDArray[Any]) -> torch.Tensor:
        """The array as a tensor on this device."""
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def forward_pass(self) -> AbstractContextManager[Any]:
        """Context in which a network is evaluated during training."""
        return torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.mixed)


def precision_for(device: str) -> Precision:
    """Device and precision for ``"cpu"``, ``"cuda"``, or ``"auto"`` (the GPU if there is one).

    Raises
    ------
    AudioError
        The device does not exist, or torch cannot use a GPU.
    """
    if device not in DEVICES:
        raise AudioError(f"There is no device {device!r}; choose {', '.join(DEVICES)}.")
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise AudioError("PyTorch finds no GPU on this machine; train with --device cpu.")
    on_gpu = there and device != "cpu"
    return Precision("cuda" if on_gpu else "cpu", mixed=on_gpu)
