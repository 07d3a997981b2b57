"""The 13 columns of the table in which Li (2022) evaluated networks, with the published errors.

Li's (2022) errors are means over fifty songs of MUSDB18-HQ. Li (2022) and mixtrial use different
targets. To compare with mixtrial's ratios, divide a published error of a network by the published
error of its constant.

References
----------
K. Li: Autonomous Vocal and Backing Track Mixing. Georgia Tech Center for Music Technology, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table in Li (2022).

    ``outputs`` are the outputs of the network whose errors are averaged in the column. ``scale``
    converts the unit of the outputs into the unit of the column. ``li2022_constant`` is the value
    that the baseline of Li (2022) always uses. ``li2022_cnn`` and ``li2022_mean`` are the published
    errors. ``target`` is the ratio that should be reached: a network's error divided by the error
    of the best constant. ``target`` is None if it is enough that the network is not worse than the
    constant.
    """

    name: str
    unit: str
    task: str
    outputs: tuple[str, ...]
    li2022_constant: float
    li2022_cnn: float
    li2022_mean: float
    target: float | None = None
    scale: float = 1.0

    def error(self, errors: Float64) -> float:
        """Error in the unit of the column, from the errors of a task's outputs (n_outputs,)."""
        names = [output.name for output in NETWORKS[self.task].outputs]
        return self.scale * float(errors[[names.index(name) for name in self.outputs]].mean())


_BANDS = tuple(output.name for output in NETWORKS["eq"].outputs)

COLUMNS = (
    Column("relative loudness", "LU", "level", ("relative_loudness_lu",), -1.77, 1.64, 2.13, 0.9),
    Column("loudness range", "LU", "range", ("lra_lu",), 16.36, 2.63, 2.88, 0.9),
    Column("EQ gain", "dB", "eq", _BANDS, 0.0, 4.48, 3.33, 0.8),
    Column("dry/wet", "%", "reverb", ("dry_wet",), 0.11475, 6.13, 7.16, 0.85, 100.0),
    Column("reverb time", "s", "reverb", ("reverb_time_s",), 1.5949, 1.006, 1.007, 0.85),
    Column("fade-in time", "s", "reverb", ("fade_in_s",), 0.677, 0.401, 0.403),
    Column("room size", "", "reverb", ("room_size",), 14.55, 7.30, 7.31),
    Column(
        "low-shelf frequency", "Hz", "reverb", ("low_shelf_frequency_hz",), 101.77, 41.55, 40.26
    ),
    Column("low-shelf gain", "dB/s", "reverb", ("low_shelf_gain_db_per_s",), -2.13, 3.62, 3.65),
    Column("low-shelf Q", "", "reverb", ("low_shelf_q",), 0.527, 0.355, 0.360),
    Column(
        "high-shelf frequency", "Hz", "reverb", ("high_shelf_frequency_hz",), 11858.5, 3390, 3462
    ),
    Column("high-shelf gain", "dB/s", "reverb", ("high_shelf_gain_db_per_s",), -16.02, 5.01, 5.35),
    Column("high-shelf Q", "", "reverb", ("high_shelf_q",), 0.771, 0.14, 0.17),
)
"""Columns of Li's (2022) table. Li's constant of the loudness range belongs to Li's meter, which
reads much higher than the EBU's meter. Only for this reason, the constant has a large error
compared with our true values."""


def li2022_constants(task: str) -> Float64:
    """The constants of Li (2022) for a task, scaled, shape (n_outputs,)."""
    by_output = {
        name: column.li2022_constant
        for column in COLUMNS
        if column.task == task
        for name in column.outputs
    }
    network = NETWORKS[task]
    return network.to_scaled([by_output[output.name] for output in network.outputs])
