"""Demucs, which separates better than Spleeter but needs its own package and weights.

The package (``pip install demucs``) downloads its weights when they are first needed, and stores
them. The package can also read its weights from a folder. The package Demucs is used without
changes. An error message states what is missing: the package, or the weights if they cannot be
downloaded. The weights of Demucs are pickle files, which can run code. Use a folder of weights only
if you trust its source as much as the source of a program.

References
----------
S. Rouard, F. Massa, A. Défossez: Hybrid Transformers for Music Source Separation. ICASSP (2023).
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import torch

from mixing.audio import Audio
from mixing.learning.separation.base import SeparationError

MODEL = "htdemucs"
# longest wait for an answer from the internet; the package demucs would wait for half a minute
PATIENCE_S = 2.0


class DemucsSeparator:
    """A model of the package Demucs; see :class:`mixing.learning.separation.base.Separator`.

    Parameters
    ----------
    model
        Model of ``demucs.pretrained.get_model`` with ``sources``, ``samplerate`` and
        ``audio_channels``.
    apply
        The function ``demucs.apply.apply_model``.
    """

    def __init__(self, model: Any, apply: Callable[..., torch.Tensor], name: str) -> None:
        if "vocals" not in model.sources or model.audio_channels != 2:
            raise SeparationError(f"{name} does not separate vocals in stereo.")
        self.name = name
        self.sample_rate = int(model.samplerate)
        self._model = model
        self._apply = apply
        self._device = "cuda" if torch.cuda.is_available() else "cpu"

    def vocal_of(self, mix: Audio) -> Audio:
        """Vocal (2, n_samples) of a mix (2, n_samples) at the model's sample rate.

        The mix is first scaled to zero mean and unit standard deviation, as in the training of the
        model. The separation uses no random shifts, so the same mix always gives the same vocal.
        """
        mono = mix.mean(axis=0, dtype=np.float64)
        mean, deviation = float(mono.mean()), float(mono.std()) + 1e-8
        scaled = torch.from_numpy(((mix - mean) / deviation).astype(np.float32))[None]
        with torch.inference_mode():
            sources = self._apply(
                self._model, scaled, shifts=0, split=True, overlap=0.25, device=self._device
            )
        vocal = sources[0, list(self._model.sources).index("vocals")].cpu().numpy()
        return np.asarray(vocal * deviation + mean, dtype=np.float32)


def load(model_name: str = MODEL, folder: Path | None = None) -> DemucsSeparator:
    """Model of the installed package Demucs.

    Parameters
    ----------
    model_name
        Name of the model in the package: ``htdemucs``, ``mdx_extra``, or the signature of one
        network.
    folder
        Folder with the weights of the model: ``NAME.yaml`` and ``SIGNATURE-CHECKSUM.th``. Nothing
        is downloaded if a folder is given. If None, the weights are in the folder of the package
        and are downloaded there if necessary.

    Raises
    ------
    SeparationError
        The package is not installed, or weights are missing and cannot be downloaded. The message
        names the missing weights.
    """
    try:
        pretrained, apply = import_module("demucs.pretrained"), import_module("demucs.apply")
    except ImportError as error:
        raise SeparationError(
            f"The demucs backend needs the package demucs ({error}); pip install demucs, or choose "
            "spleeter."
        ) from error
    if folder is not None:
        return _of_folder(model_name, folder, pretrained, apply)
    if not _answers(getattr(pretrained, "ROOT_URL", "")):
        # Without a connection, the package would try again and again to download missing files.
        # Files that are already stored can be used without a connection.
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        model = pretrained.get_model(model_name)
    # Four libraries raise errors here, and no library documents the types of its errors.
    except (Exception, SystemExit) as error:
        raise SeparationError(
            f"The weights of demucs ({model_name}) are not here and cannot be fetched; choose "
            "spleeter, which works offline, or name a folder that holds "
            f"{', '.join(_files_of(model_name, pretrained))} with --weights."
        ) from error
    return DemucsSeparator(model, apply.apply_model, f"demucs {model_name}")


def _of_folder(model_name: str, folder: Path, pretrained: Any, apply: Any) -> DemucsSeparator:
    """Model with weights from a folder. ``SeparationError`` names the missing files."""
    if not folder.is_dir():
        raise SeparationError(f"There is no folder of weights {folder}.")
    there = sorted(path.name for path in folder.iterdir())
    wanted = _files_of(model_name, pretrained, folder)
    if not any(name.split("-")[0].removesuffix(".th") == model_name for name in there):
        missing = [
            name
            for name in wanted
            if not any(file == name or file.split("-")[0] == name.split("-")[0] for file in there)
        ]
        if missing:
            raise SeparationError(
                f"{folder} lacks {', '.join(missing)} of demucs {model_name}; put the files there, "
                "or choose spleeter."
            )
    try:
        model = pretrained.get_model(model_name, folder)
    except (Exception, SystemExit) as error:
        raise SeparationError(
            f"The weights of demucs ({model_name}) in {folder} cannot be read: {error}."
        ) from error
    version = hashlib.sha256("\n".join(there).encode()).hexdigest()[:8]
    return DemucsSeparator(model, apply.apply_model, f"demucs {model_name} {version}")


def _files_of(model_name: str, pretrained: Any, folder: Path | None = None) -> list[str]:
    """Files that a model needs, if known: the list of its networks, and a file for each network."""
    bag = f"{model_name}.yaml"
    for place in (folder, getattr(pretrained, "REMOTE_ROOT", None)):
        if place is not None and (Path(place) / bag).is_file():
            text = (Path(place) / bag).read_text(encoding="utf-8")
            return [bag, *(f"{sign}-*.th" for sign in re.findall(r"['\"]([0-9a-f]{8})['\"]", text))]
    return [bag]


def _answers(url: str) -> bool:
    """Whether the host of an address answers within 2 s; True if there is no address.

    The name of the host is resolved in a separate thread, because resolving a name can take long
    without a network connection.
    """
    host = urlsplit(url).hostname
    if host is None:
        return True
    reached: list[bool] = []

    def ask() -> None:
        try:
            socket.create_connection((host, 443), PATIENCE_S).close()
        except OSError:
            return
        reached.append(True)

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE_S)
    return bool(reached)
