"""Errors of estimated and imitated reverbs in rooms and plates with a measured decay.

``python -m mixing.learning.reverb_targets.evaluation DIR``: ``DIR`` contains ``rirs/`` with
``rirs.csv`` (T20 at 500, 1000 and 2000 Hz), and ``synth/`` with dry vocals that the estimator was
not trained on. The error is the mean of ``|ln(T / T20)|`` over all rooms and the three bands; an
error of 0.1 means about 10 %. The evaluation takes about a minute.

Rows
----
match of the response
    T60 of the network matched to the room's own decay.
heard, −15 dB … −2 dB
    T60 estimated from a vocal in this room, with the tail this far below the direct sound.
match of the estimate
    T60 of the network matched to the estimate from a vocal at −8 dB.
constant of training, best constant
    The median decay time in the training, and the median decay time of the tested rooms, as
    constant predictors.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

from mixing.audio import Audio
from mixing.effects.reverb import decay_time_by_frequency_s
from mixing.ingest.decoding import read_audio
from mixing.learning.reverb_targets.blind import hear_reverb
from mixing.learning.reverb_targets.decay_model import BANDS_HZ, Float64, measured_relief_db
from mixing.learning.reverb_targets.matching import Match, match_heard, match_relief
from mixing.learning.reverb_targets.training import DECAY_S, RATE, in_room, read_vocals

LEVELS_DB = (-15.0, -8.0, -2.0)
COMPARED_HZ = (500.0, 1000.0, 2000.0)
BANDS = [BANDS_HZ.index(frequency) for frequency in COMPARED_HZ]
DIRECT_S = 0.005  # after the peak


def main() -> None:
    """Evaluate all rooms and print the table."""
    folder = Path(sys.argv[1])
    vocals = read_vocals(folder / "synth", "*_vocal.*")
    with (folder / "rirs" / "rirs.csv").open(encoding="utf-8") as file:
        rooms = list(csv.DictReader(file))
    truth, rows = [], []
    for i, room in enumerate(rooms):
        truth.append([float(room[f"T20_{hz:g}"]) for hz in COMPARED_HZ])
        tail = _tail(folder / "rirs" / room["file"])
        rows.append(_times_of_room(tail, vocals[i % len(vocals)][:, : 20 * RATE]))
    t20 = np.log(np.array(truth))
    found = np.log(np.array(rows))  # (rooms, rows, bands)
    names = [
        "match of the response",
        *(f"heard, {x:g} dB" for x in LEVELS_DB),
        "match of the heard",
    ]
    for row, name in enumerate(names):
        difference = found[:, row] - t20
        _print(name, difference)
    _print("constant of training", np.log(np.sqrt(DECAY_S[0] * DECAY_S[1])) - t20)
    _print("best constant", np.median(t20) - t20)


def _times_of_room(tail: Audio, vocal: Audio) -> list[list[float]]:
    """Decay times of one room: for each method (a row of the printed table), one per band."""
    unit = tail / np.sqrt(np.square(tail, dtype=np.float64).sum())
    rows = [_times(match_relief(measured_relief_db(unit, RATE), RATE, seed=0))]
    answers = []
    for level_db in LEVELS_DB:
        wet = in_room(vocal, (unit * 10 ** (level_db / 20)).astype(np.float32))
        answers.append(hear_reverb(wet, RATE))
        rows.append([answers[-1].decay_time_s[band] for band in BANDS])
    rows.append(_times(match_heard(answers[1], RATE, seed=0)))
    return rows


def _times(match: Match) -> list[float]:
    times: Float64 = decay_time_by_frequency_s(match.parameters, RATE, COMPARED_HZ)
    return [float(time) for time in times]


def _tail(path: Path) -> Audio:
    """A room's response (1, n), starting at its peak; the first 5 ms are set to zero."""
    response = read_audio(path)[0].mean(axis=0, keepdims=True)
    tail: Audio = response[:, int(np.abs(response).argmax()) :].copy()
    tail[:, : int(DIRECT_S * RATE)] = 0
    return tail


def _print(name: str, difference: Float64) -> None:
    error, bias = float(np.abs(difference).mean()), float(np.mean(difference))
    sys.stdout.write(f"{name:<24} {error:6.3f}   bias {bias:+.3f}\n")


if __name__ == "__main__":
    main()
