"""Outputs of the four networks, and their scales.

Conventions
-----------
A network works on *scaled* outputs: 0 at a parameter's lower bound and 1 at its upper, on a linear
or a logarithmic axis. ``Network.to_natural`` converts scaled outputs to numbers in their units, and
limits the numbers to their ranges.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from mixing.effects.eq import BAND_FREQUENCIES_HZ, MAX_GAIN_DB
from mixing.effects.reverb import REVERB_RANGES
from mixing.parameters import ReverbParameters


@dataclass(frozen=True, slots=True)
class Output:
    """One predicted number: its name, its range, and whether its scale is logarithmic."""

    name: str
    low: float
    high: float
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """A named group of outputs that a network predicts together."""

    name: str
    outputs: tuple[Output, ...]

    def to_scaled(self, natural: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Numbers (…, n_outputs), limited to their ranges and converted to scaled outputs."""
        low, high, logarithmic = self._axes()
        values = np.clip(np.asarray(natural, dtype=np.float64), low, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            on_log = np.log(values / low) / np.log(high / low)
        return np.where(logarithmic, on_log, (values - low) / (high - low))

    def to_natural(self, scaled: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Scaled outputs (…, n_outputs), clipped to 0–1 and converted to numbers in their units."""
        low, high, logarithmic = self._axes()
        values = np.clip(np.asarray(scaled, dtype=np.float64), 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            on_log = low * np.exp(values * np.log(high / low))
        return np.where(logarithmic, on_log, low + values * (high - low))

    def _axes(self) -> tuple[npt.NDArray[np.float64], ...]:
        low = np.array([output.low for output in self.outputs])
        high = np.array([output.high for output in self.outputs])
        logarithmic = np.array([output.logarithmic for output in self.outputs])
        return low, high, logarithmic


def _reverb_outputs() -> tuple[Output, ...]:
    """The ten outputs for reverb, in the order of :class:`ReverbParameters`."""
    outputs = []
    for field in fields(ReverbParameters):
        low, high = REVERB_RANGES[field.name]
        logarithmic = field.name.endswith("_hz") or field.name == "reverb_time_s"
        outputs.append(Output(field.name, low, high, logarithmic))
    return tuple(outputs)


NETWORKS: dict[str, Network] = {
    "level": Network("level", (Output("relative_loudness_lu", -12.0, 6.0),)),
    "range": Network("range", (Output("lra_lu", 3.0, 20.0),)),
    "eq": Network(
        "eq",
        tuple(
            Output(f"gain_{frequency:g}_hz_db", -MAX_GAIN_DB, MAX_GAIN_DB)
            for frequency in BAND_FREQUENCIES_HZ
        ),
    ),
    "reverb": Network("reverb", _reverb_outputs()),
}
"""Level: loudness of the vocal relative to the backing. Range: EBU loudness range of the finished
vocal. EQ: the gains that were applied to the vocal (the damage), which a mix undoes. Reverb: the
ten parameters."""
