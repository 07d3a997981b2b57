"""Weights on disk: safetensors files, and an index with their hashes.

``weights.json`` beside the weights states three things for each network: the SHA-256 of its file,
the results of its evaluation, and a description of its training. If the hash of a file differs from
the index, the file is refused.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

from mixing.audio import written_whole

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
DEFAULT_ARCHITECTURE = "dense"
# increase this version number when features or networks change, so that older weights are refused
FORMAT_VERSION = 2

Tensors = dict[str, npt.NDArray[Any]]


class WeightsError(ValueError):
    """Error for weights that cannot be used; the message is one sentence for the user."""


def read_index(folder: Path = WEIGHTS_FOLDER) -> dict[str, Any]:
    """Content of ``weights.json`` in a folder.

    Raises
    ------
    WeightsError
        The index is missing, cannot be read, or has another version.
    """
    path = folder / "weights.json"
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        version = index["format_version"]
    except OSError as error:
        raise WeightsError(f"There are no trained weights in {folder}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} is not an index of weights.") from error
    if version != FORMAT_VERSION:
        raise WeightsError(
            f"The weights in {folder} have format {version}; this version reads {FORMAT_VERSION}: "
            "train them again, into another folder."
        )
    return dict(index)


def read_weights(network: str, folder: Path = WEIGHTS_FOLDER) -> Tensors:
    """Tensors of a network by name.

    Raises
    ------
    WeightsError
        The index does not list the network, the file of the network is missing, or its SHA-256
        differs from the index.
    """
    index = read_index(folder)
    if network not in index["networks"]:
        raise WeightsError(
            f"The weights in {folder} hold no network {network!r}; train it into the same folder."
        )
    path = folder / f"{network}.safetensors"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weights {path} are missing.") from error
    if hashlib.sha256(content).hexdigest() != index["networks"][network]["sha256"]:
        raise WeightsError(
            f"{path} is not the file that weights.json describes (its SHA-256 differs)."
        )
    return dict(load(content))


def architecture_of(network: str, folder: Path = WEIGHTS_FOLDER) -> str:
    """Architecture of a network from its index entry. Raises the errors of :func:`read_weights`."""
    entry = read_index(folder)["networks"].get(network, {})
    return str(entry.get("architecture", DEFAULT_ARCHITECTURE))


def write_weights(tensors: Tensors, path: Path) -> str:
    """Write tensors as safetensors, completely or not at all; return the file's SHA-256."""
    content = save({name: np.ascontiguousarray(value) for name, value in tensors.items()})
    write_complete(path, content)
    return hashlib.sha256(content).hexdigest()


def write_complete(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    with written_whole(path) as part:
        part.write_bytes(content)
