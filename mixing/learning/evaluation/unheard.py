"""Finished weights after songs of others: what loses to the constant there is switched off.

Folds of a few singers say little of the next one. Songs of singers that a network was never taught
by, asked about once it is finished, may take trust away and never give any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mixing.learning.evaluation.evaluate import CNN, CONSTANT, SongAnswers
from mixing.learning.features.features import Float64
from mixing.learning.features.targets import NETWORKS
from mixing.learning.training.model_card import model_card
from mixing.learning.training.trust import natural_error
from mixing.learning.weight_files import read_index, read_weights, write_complete, write_weights

MOST = 1.02  # times the constant's error, mean over groups of songs


def switch_off(
    folder: Path, answers: Mapping[str, Sequence[SongAnswers]]
) -> dict[str, dict[str, float]]:
    """Switch off outputs that err more than the constant; return their ratios, by network.

    Weights, index and model card of ``folder`` are written anew where there are any. An output is
    judged by the mean over groups of songs of its error over the constant's.
    """
    index = read_index(folder)
    found: dict[str, dict[str, float]] = {}
    for task, songs in answers.items():
        entry = index["networks"].get(task)
        if entry is None:
            continue
        names = [output.name for output in NETWORKS[task].outputs]
        ratio = _ratios(songs, task)
        losing = [
            i for i, name in enumerate(names) if entry["shrinkage"][name] > 0 and ratio[i] > MOST
        ]
        if not losing:
            continue
        found[task] = {names[i]: round(float(ratio[i]), 3) for i in losing}
        tensors = read_weights(task, folder)
        tensors["shrinkage"] = tensors["shrinkage"].copy()
        tensors["shrinkage"][losing] = 0
        entry["sha256"] = write_weights(tensors, folder / f"{task}.safetensors")
        for name in found[task]:
            entry["shrinkage"][name] = 0.0
            for table in (entry["held_out_error"], *entry["held_out_error_by_source"].values()):
                table["ships"][name] = table["constant"][name]
        off = entry.setdefault("switched_off", {})
        off |= found[task]
    if found:
        write_complete(folder / "weights.json", (json.dumps(index, indent=1) + "\n").encode())
        write_complete(folder / "model_card.md", model_card(index).encode())
    return found


def _ratios(songs: Sequence[SongAnswers], task: str) -> Float64:
    """Error of what ships over the constant's, (n_outputs,), every group of songs alike."""
    groups: dict[str, list[Float64]] = {}
    for song in songs:
        errors = [natural_error(song.predicted[kind], song.truth, task) for kind in (CNN, CONSTANT)]
        groups.setdefault(song.together, []).append(np.stack(errors))
    ours, constant = np.mean([np.mean(of_group, axis=0) for of_group in groups.values()], axis=0)
    return np.asarray(np.where(constant > 0, ours / np.maximum(constant, 1e-12), 1.0))
