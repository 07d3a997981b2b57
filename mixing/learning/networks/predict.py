"""Predictions of the trained networks for a song.

Weights of the networks are read once per process and checked against their index. The networks are
so small that numpy is fast enough. The training library torch
(:mod:`mixing.learning.networks.networks`) would need 0.2 GB of memory and most of a second without
any benefit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from mixing.audio import Audio
from mixing.learning.features.features import Clip, Float32, Float64, clips_of, picture_of
from mixing.learning.features.summaries import N_SUMMARY, summary_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.forward import network_answers
from mixing.learning.networks.likeness import too_soft, unlike
from mixing.learning.weight_files import (
    WEIGHTS_FOLDER,
    Tensors,
    WeightsError,
    architecture_of,
    read_weights,
)

_NONE: Float32 = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Prediction of a network: outputs by name, in their units, and the number of clips used.

    If a network's prediction is its constant, ``n_clips`` is 0. The constant is used if all outputs
    are switched off, or if the song is unlike the training songs. If the song is unlike the
    training songs, ``unlike`` states the difference.
    """

    outputs: dict[str, float]
    n_clips: int
    unlike: str | None = None


def predict(
    task: str,
    vocal: Audio,
    backing_mel: Float32,
    sample_rate: int,
    folder: Path = WEIGHTS_FOLDER,
) -> Prediction:
    """Prediction by the network ``task`` for a song, from all clips of the song together.

    Parameters
    ----------
    task
        Name of the network: ``"level"``, ``"range"``, ``"eq"`` or ``"reverb"``.
    vocal
        The vocal after the earlier stages of the chain, (n_channels, n_samples).
    backing_mel
        Log-mel spectrum of the backing, from :func:`mixing.learning.features.features.log_mel_of`.

    Raises
    ------
    WeightsError
        The weights are missing, damaged, or do not fit this version.
    """
    constant, shrinkage = _fallback(task, folder)
    scaled, n_clips, why = constant, 0, None
    if shrinkage.any():
        clips = clips_of(vocal, backing_mel, sample_rate)
        why = too_soft(vocal) or _unlike(task, folder, clips)
        if why is None:
            scaled = _answer(task, folder, clips)
            n_clips = len(clips)
    values = NETWORKS[task].to_natural(scaled)
    names = [output.name for output in NETWORKS[task].outputs]
    return Prediction(dict(zip(names, map(float, values), strict=True)), n_clips, why)


def _unlike(task: str, folder: Path, clips: Sequence[Clip]) -> str | None:
    """Text on how a song differs from the training songs; None if it does not differ."""
    summary = summary_of(clips, task) if clips else np.zeros(N_SUMMARY, dtype=np.float32)
    return unlike(len(clips), summary, _weights(task, folder))


@lru_cache(maxsize=16)
def _fallback(task: str, folder: Path) -> tuple[Float64, Float64]:
    """Scaled constant and shrinkage of a network, read without torch."""
    tensors = _weights(task, folder)
    n_outputs = len(NETWORKS[task].outputs)
    for name in ("constant", "shrinkage"):
        if name not in tensors or tensors[name].shape != (n_outputs,):
            raise WeightsError(
                f"The weights of the {task} network do not fit this version's network: "
                f"{name} needs the shape ({n_outputs},)."
            )
    return tensors["constant"].astype(np.float64), tensors["shrinkage"].astype(np.float64)


@lru_cache(maxsize=16)
def _weights(task: str, folder: Path) -> Tensors:
    return read_weights(task, folder)


def _answer(task: str, folder: Path, clips: Sequence[Clip]) -> Float64:
    """Scaled outputs of the network, averaged over all clips of a song."""
    tensors = _weights(task, folder)
    architecture = architecture_of(task, folder)
    summary = summary_of(clips, task)
    with_pictures = architecture == "li2022"
    looked_at = [picture_of(clip.log_mel) for clip in clips] if with_pictures else [_NONE]
    try:
        outputs = [network_answers(tensors, one, summary, architecture) for one in looked_at]
    except (KeyError, ValueError) as error:
        raise WeightsError(
            f"The weights of the {task} network do not fit this version's network. {error}"
        ) from error
    return np.asarray(np.mean(outputs, axis=0), dtype=np.float64)
