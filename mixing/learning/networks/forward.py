"""Evaluation of trained networks in numpy.

Conventions
-----------
Images are float32 ``(n_channels, n_frames, n_zones)``; tensors bear the names torch gives them.
"""

from __future__ import annotations

import numpy as np

from mixing.learning.features.features import Float32
from mixing.learning.weight_files import DEFAULT_ARCHITECTURE, Tensors

ARCHITECTURES = {
    "dense": "three dense layers on summaries of the song, no convolution",
    "li2022": "four convolutional blocks on a picture of each clip, as Li (2022) had them",
}
LI2022_CHANNELS = (8, 16, 32, 64)
LI2022_DECIBELS_A_UNIT = 20.0  # number of dB per unit of the inputs that picture_of computes
# inputs are limited to this absolute value, because no training song has larger inputs
INPUT_LIMIT = 2.5
OUTPUT_SCALE = 0.3  # approximate standard deviation of scaled targets
_LAYERS_A_BLOCK = 4  # a block has a convolution, a normalisation, a rectifier and a pooling layer
_VARIANCE_FLOOR = 1e-5  # torch's eps


def network_answers(
    tensors: Tensors, clip: Float32, summary: Float32, architecture: str = DEFAULT_ARCHITECTURE
) -> Float32:
    """Scaled outputs (n_outputs,) for a picture (2, n_frames, 64) and a summary.

    ``dense`` uses only the summary of a song, and ``li2022`` uses only the picture (the log-mel
    spectra of a clip).

    The function raises ``ValueError`` for an architecture that this version does not have.
    """
    if architecture not in _ANSWERS:
        raise ValueError(f"There is no architecture {architecture!r}.")
    answer = _ANSWERS[architecture](tensors, clip, summary)
    scale = np.float32(OUTPUT_SCALE)
    return np.asarray(tensors["constant"] + tensors["shrinkage"] * scale * answer)


def _dense_answer(tensors: Tensors, _: Float32, summary: Float32) -> Float32:
    """Output of :class:`mixing.learning.networks.networks.DenseNetwork`, without its constant."""
    heard = (summary - tensors["offset"]) * tensors["scale"]
    values = np.clip(heard, -INPUT_LIMIT, INPUT_LIMIT)
    for layer in ("dense.0", "dense.3"):
        values = np.maximum(_dense(values, tensors, layer), 0)
    return _dense(values, tensors, "dense.5")


def _li2022_answer(tensors: Tensors, clip: Float32, _: Float32) -> Float32:
    """Output of Li's network, :class:`~mixing.learning.networks.architectures.Li2022Network`."""
    power = 10 ** (clip * np.float32(LI2022_DECIBELS_A_UNIT / 10))
    image = power / np.linalg.norm(power, axis=1, keepdims=True)
    for block in range(len(LI2022_CHANNELS)):
        image = _block(image, tensors, block)
    return _dense(image.mean(axis=1).ravel(), tensors, "dense.1")


_ANSWERS = {"dense": _dense_answer, "li2022": _li2022_answer}


def _block(image: Float32, tensors: Tensors, block: int) -> Float32:
    """Output of a block: convolution, normalisation, rectifier and pooling."""
    convolution = f"image.{_LAYERS_A_BLOCK * block}"
    normalisation = f"image.{_LAYERS_A_BLOCK * block + 1}"
    image = _convolved(image, tensors[f"{convolution}.weight"])
    spread = np.sqrt(tensors[f"{normalisation}.running_var"] + np.float32(_VARIANCE_FLOOR))
    gain = tensors[f"{normalisation}.weight"] / spread
    offset = tensors[f"{normalisation}.bias"] - gain * tensors[f"{normalisation}.running_mean"]
    return _pooled(np.maximum(image * gain[:, None, None] + offset[:, None, None], 0))


def _convolved(image: Float32, weight: Float32) -> Float32:
    """Correlation with kernels (n_out, n_in, 3, 3); two rows and two columns are lost."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(1, 2))
    return np.asarray(np.tensordot(weight, windows, axes=((1, 2, 3), (0, 3, 4))))


def _pooled(image: Float32) -> Float32:
    """Largest value of each square of 2 × 2; an odd last row or column is left out."""
    n_channels, rows, columns = image.shape[0], image.shape[1] // 2, image.shape[2] // 2
    cut = image[:, : 2 * rows, : 2 * columns]
    return np.asarray(cut.reshape(n_channels, rows, 2, columns, 2).max(axis=(2, 4)))


def _dense(values: Float32, tensors: Tensors, layer: str) -> Float32:
    return np.asarray(tensors[f"{layer}.weight"] @ values + tensors[f"{layer}.bias"])
