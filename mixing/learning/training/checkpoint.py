"""State of a training, which is saved on disk, so that an interrupted training can continue.

A checkpoint contains everything that the next step depends on: the weights, their running average,
the best average so far, the optimiser, and both random generators. On the same machine, a training
that continues from a checkpoint gives exactly the same weights as a training without interruption.
"""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mixing.audio import AudioError
from mixing.learning.networks.architectures import SomeNetwork
from mixing.learning.weight_files import write_complete

_WARM_UP = 10  # after this number of steps, the running average no longer depends on its start


class TrainingRun:
    """A network during training, with the current step and the best state so far.

    Attributes
    ----------
    averaged
        A copy of the network whose weights are running averages. The averaged network is tested on
        the validation songs and is kept.
    losses, validation
        Training loss of each step, and validation error of each tested step.
    best_step
        The last step whose validation error was less than ``1 + tolerance`` times the smallest
        earlier error. With a tolerance of 0, ``best_step`` is the step with the smallest error.
        Without validation songs, ``best_step`` is the last step.
    """

    def __init__(
        self,
        network: SomeNetwork,
        optimiser: torch.optim.Optimizer,
        rng: np.random.Generator,
        averaging: float,
        tolerance: float = 0.0,
    ) -> None:
        self.network, self.averaged = network, copy.deepcopy(network)
        self.losses: list[float] = []
        self.validation: dict[int, float] = {}
        self._optimiser, self._rng = optimiser, rng
        self._averaging, self._tolerance = averaging, tolerance
        self._best: dict[str, torch.Tensor] | None = None

    @property
    def step(self) -> int:
        """Number of finished steps."""
        return len(self.losses)

    @property
    def best_step(self) -> int:
        """Step whose network is kept."""
        best, least = self.step, float("inf")
        for step, error in self.validation.items():
            if error < least * (1 + self._tolerance):
                best = step
            least = min(least, error)
        return best

    def take_step(self, loss: torch.Tensor) -> None:
        """Change the weights along the negative gradient of ``loss``; update their average."""
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self.losses.append(float(loss.detach()))
        kept = min(self._averaging, self.step / (self.step + _WARM_UP))
        current = self.network.state_dict()
        with torch.no_grad():
            for name, value in self.averaged.state_dict().items():
                if value.dtype.is_floating_point:
                    value.mul_(kept).add_(current[name], alpha=1 - kept)
                else:
                    value.copy_(current[name])

    def note_validation(self, error: float) -> None:
        """Store the averaged network's error on the validation songs; keep the best network."""
        self.validation[self.step] = error
        if self.best_step == self.step:
            self._best = copy.deepcopy(self.averaged.state_dict())

    def best_network(self) -> SomeNetwork:
        """Network of the best step, moved to the processor for evaluation."""
        network = copy.deepcopy(self.averaged)
        if self._best is not None:
            network.load_state_dict(self._best)
        return network.eval().cpu()

    def keep(self, path: Path) -> None:
        """Write the state completely or not at all."""
        content = io.BytesIO()
        torch.save(self._state(), content)
        write_complete(path, content.getvalue())

    def go_on_from(self, path: Path) -> None:
        """Restore the state from a checkpoint, if the checkpoint exists.

        Raises
        ------
        AudioError
            The file is damaged, or belongs to another network.
        """
        if not path.is_file():
            return
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            self.network.load_state_dict(state["network"])
            self.averaged.load_state_dict(state["averaged"])
            self._optimiser.load_state_dict(state["optimiser"])
            torch.set_rng_state(state["torch_generator"])
            self._rng.bit_generator.state = state["generator"]
        except (OSError, RuntimeError, KeyError, ValueError, EOFError, pickle.PickleError) as error:
            raise AudioError(
                f"{path} does not hold this training's state; delete the file to start again."
            ) from error
        self._best, self.validation = state["best"], state["validation"]
        self.losses = state["losses"]

    def _state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "best": self._best,
            "optimiser": self._optimiser.state_dict(),
            "losses": self.losses,
            "validation": self.validation,
            "torch_generator": torch.get_rng_state(),
            "generator": self._rng.bit_generator.state,
        }
