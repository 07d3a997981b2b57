"""Switching off of network outputs with large errors on held-out groups or on other songs.

With only a few singers in the folds, the measured error hardly predicts the network's error for a
new singer. The errors on two kinds of songs can switch an output off, but never on. Songs of the
first kind are held-out groups: networks with the same settings were fitted without these groups.
Songs of the second kind are by singers on whom a finished network was never trained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mixing.learning.evaluation.evaluate import CAUTIOUS, CNN, CONSTANT, NETWORK, SongAnswers
from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.model_card import model_card
from mixing.learning.training.trust import natural_error
from mixing.learning.weight_files import read_index, read_weights, write_complete, write_weights

# An output is switched off if its error, divided by the error of the constant predictor and
# averaged over groups of songs, is above this value.
MOST = 1.02


def switch_off(
    folder: Path, answers: Mapping[str, Sequence[SongAnswers]]
) -> dict[str, dict[str, float]]:
    """Switch off outputs with larger errors than the constant's; return the error ratios.

    If an output is switched off, the function changes the weights, index and model card in
    ``folder``. The criterion for an output is the network's error divided by the constant's error,
    averaged over groups of songs.
    """
    index = read_index(folder)
    found = {}
    for task, entry in _known(index, answers):
        ratio = _ratios(answers[task], task, CNN)
        losing = {name: value for name, value in ratio.items() if value > MOST}
        off = _taken_away(folder, task, entry, losing)
        if off:
            found[task] = off
            for name in off:
                for table in (entry["held_out_error"], *entry["held_out_error_by_source"].values()):
                    table["ships"][name] = table["constant"][name]
    if found:
        _write(folder, index)
    return found


def follow(
    folder: Path, answers: Mapping[str, Sequence[SongAnswers]]
) -> dict[str, dict[str, float]]:
    """Switch off outputs that fail on held-out groups; return the fitted networks' error ratios.

    Parameters
    ----------
    folder
        Folder of networks that were trained with the same settings. The errors in ``answers`` are
        written into the index and model card of the folder.
    answers
        Errors of networks; each network was fitted without the tested group.
    """
    index = read_index(folder)
    found = {}
    for task, entry in _known(index, answers):
        songs = answers[task]
        fitted = NETWORK if NETWORK in songs[0].predicted else CONSTANT
        ratio = _ratios(songs, task, fitted)
        names = [output.name for output in NETWORKS[task].outputs]
        moved = np.max([np.abs(s.predicted[CNN] - s.predicted[CONSTANT]).max(0) for s in songs], 0)
        untrusted = {name: ratio[name] for name, by in zip(names, moved, strict=True) if not by}
        off = _taken_away(folder, task, entry, untrusted)
        if off:
            found[task] = off
        kinds = {"network": fitted, "ships": CNN, "shrunk": CAUTIOUS, "constant": CONSTANT}
        entry["held_out_error"] = {
            kind: dict(zip(names, _by_group(songs, task, name).round(4).tolist(), strict=True))
            for kind, name in kinds.items()
            if kind != "network" or fitted == NETWORK
        }
        entry["held_out_error_by_source"] = {}
        entry["judged_on"] = {
            "songs": len(songs), "groups": len({song.together for song in songs}),
        }  # fmt: skip
    _write(folder, index)
    return found


def _known(
    index: dict[str, Any], answers: Mapping[str, Sequence[SongAnswers]]
) -> list[tuple[str, dict[str, Any]]]:
    """Networks for which predictions exist, with their entries in the index."""
    return [(task, index["networks"][task]) for task in answers if task in index["networks"]]


def _taken_away(
    folder: Path, task: str, entry: dict[str, Any], wanted: Mapping[str, float]
) -> dict[str, float]:
    """Outputs that this call switches off, with error ratios; the weights are written again."""
    names = [output.name for output in NETWORKS[task].outputs]
    off = {name: round(wanted[name], 3) for name in names
           if name in wanted and entry["shrinkage"][name] > 0}  # fmt: skip
    if off:
        tensors = read_weights(task, folder)
        tensors["shrinkage"] = tensors["shrinkage"].copy()
        tensors["shrinkage"][[names.index(name) for name in off]] = 0
        entry["sha256"] = write_weights(tensors, folder / f"{task}.safetensors")
        entry["shrinkage"] |= dict.fromkeys(off, 0.0)
        entry["switched_off"] = entry.get("switched_off", {}) | off
    return off


def _write(folder: Path, index: dict[str, Any]) -> None:
    """Write the index and the model card."""
    write_complete(folder / "weights.json", (json.dumps(index, indent=1) + "\n").encode())
    write_complete(folder / "model_card.md", model_card(index).encode())


def _ratios(songs: Sequence[SongAnswers], task: str, kind: str) -> dict[str, float]:
    """Error of a predictor divided by the constant's, by output; groups have equal weights."""
    ours, constant = (_by_group(songs, task, name) for name in (kind, CONSTANT))
    ratio = np.where(constant > 0, ours / np.maximum(constant, 1e-12), 1.0)
    names = [output.name for output in NETWORKS[task].outputs]
    return dict(zip(names, ratio.tolist(), strict=True))


def _by_group(songs: Sequence[SongAnswers], task: str, kind: str) -> Float64:
    """Mean absolute error of each output, (n_outputs,); groups of songs have equal weights."""
    groups: dict[str, list[Float64]] = {}
    for song in songs:
        error = natural_error(song.predicted[kind], song.truth, task)
        groups.setdefault(song.together, []).append(error)
    return np.asarray(np.mean([np.mean(of_group, axis=0) for of_group in groups.values()], axis=0))
