"""Quality and speed of the separation, for mixes with known stems.

``python -m mixing.learning.separation.evaluation DIR [BACKEND [MODEL [WEIGHTS]]]``; the arguments
in brackets have the same meaning as for ``mixtrial separate``. The files of every pair
``NAME_vocal.flac``, ``NAME_backing.flac`` under ``DIR`` are added to get a mix. The mix is
separated, and the result is compared with the original pair. Whole songs (``NAME_full_…``) are left
out. The evaluation needs about a second of CPU time per excerpt of 30 s.

The signal-to-distortion ratio (SDR) is ``10 log10(Σ truth² / Σ (truth − estimate)²)``, computed
over both channels and all frequencies. The error of a measure is the value measured on the
estimated stems minus the value measured on the true stems. The errors of measured values are
printed beside the error of the best constant, which is the median over the songs.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mixing.audio import Audio, AudioError, Song, as_stereo
from mixing.effects.level import relative_loudness_lu
from mixing.ingest.decoding import read_audio
from mixing.learning.separation.base import Separator, separated
from mixing.learning.separation.demucs import MODEL
from mixing.learning.separation.registry import open_separator
from mixing.meters.loudness import loudness_range, lra_100ms

WANTED_SPEED = 3.0
_USAGE = "python -m mixing.learning.separation.evaluation DIR [BACKEND [MODEL [WEIGHTS]]]"


@dataclass(frozen=True, slots=True)
class Compared:
    """Result of the evaluation for one excerpt.

    ``figures`` (3, 2) has the true and the estimated values, in LU, of the relative loudness and of
    the vocal's loudness range (by two meters). ``cpu_s`` and ``clock_s`` are the CPU time and the
    elapsed time for separating ``duration_s`` of audio.
    """

    excerpt: str
    sdr_vocal_db: float
    sdr_backing_db: float
    figures: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    duration_s: float
    cpu_s: float
    clock_s: float


def sdr_db(truth: Audio, estimate: Audio) -> float:
    """Signal-to-distortion ratio in dB; infinite if there is no distortion."""
    distortion = float(np.square(truth - estimate, dtype=np.float64).sum())
    signal = float(np.square(truth, dtype=np.float64).sum())
    return 10 * math.log10(signal / distortion) if distortion else math.inf


def compare(excerpt: str, song: Song, separator: Separator) -> Compared:
    """Add up the stems of a song, separate the sum, and compare."""
    mix = np.asarray(song.vocal + song.backing, dtype=np.float32)
    cpu, clock = time.process_time(), time.monotonic()
    estimate = separated(mix, song.sample_rate, separator)
    cpu, clock = time.process_time() - cpu, time.monotonic() - clock
    return Compared(
        excerpt,
        sdr_db(song.vocal, estimate.vocal),
        sdr_db(song.backing, estimate.backing),
        np.array([_figures(song), _figures(estimate)]).T,
        mix.shape[1] / song.sample_rate,
        cpu,
        clock,
    )


def _figures(song: Song) -> tuple[float, float, float]:
    rate = song.sample_rate
    relative = relative_loudness_lu(song.vocal, song.backing, rate)
    return (
        np.nan if relative is None else relative,
        loudness_range(song.vocal, rate),
        lra_100ms(song.vocal, rate),
    )


def excerpts_in(folder: Path) -> list[tuple[str, Song]]:
    """Excerpts with known stems under a folder; ``AudioError`` if the folder has none."""
    found = []
    for path in sorted(folder.rglob("*_vocal.flac")):
        backing = path.with_name(path.name.replace("_vocal.", "_backing."))
        name = path.stem.removesuffix("_vocal")
        if name.endswith("_full") or not backing.is_file():
            continue
        vocal, rate = read_audio(path)
        other, _ = read_audio(backing)
        found.append((name, Song(as_stereo(vocal), as_stereo(other), rate)))
    if not found:
        raise AudioError(f"There are no excerpts NAME_vocal.flac, NAME_backing.flac in {folder}.")
    return found


def table(results: Sequence[Compared]) -> str:
    """One line per excerpt, then medians, ranges, speed, and errors of measured values."""
    lines = ["| excerpt | SDR vocal, dB | SDR backing, dB |", "|---|---|---|"]
    lines += [f"| {r.excerpt} | {r.sdr_vocal_db:.1f} | {r.sdr_backing_db:.1f} |" for r in results]
    vocal = np.array([result.sdr_vocal_db for result in results])
    backing = np.array([result.sdr_backing_db for result in results])
    middle = " | ".join(
        f"{np.median(sdr):.1f} ({sdr.min():.1f}–{sdr.max():.1f})" for sdr in (vocal, backing)
    )
    lines += [f"| **median (range)** | {middle} |", ""]
    duration = sum(result.duration_s for result in results)
    cpu = duration / sum(result.cpu_s for result in results)
    clock = duration / sum(result.clock_s for result in results)
    speed = f"{cpu:.1f} × real time by CPU time of one thread, {clock:.1f} × by the clock"
    lines += [
        f"Speed: {speed} (wanted: at least {WANTED_SPEED:g} ×).",
        "",
        "| figure | bias | RMSE | MAE | best constant |",
        "|---|---|---|---|---|",
    ]
    names = ("relative loudness, LU", "loudness range, EBU, LU", "loudness range, 100 ms, LU")
    figures = np.stack([result.figures for result in results])
    for i, name in enumerate(names):
        truth, error = figures[:, i, 0], figures[:, i, 1] - figures[:, i, 0]
        known = np.isfinite(error)
        truth, error = truth[known], error[known]
        constant = np.abs(truth - np.median(truth)).mean()
        lines.append(
            f"| {name} | {error.mean():+.1f} | {np.sqrt(np.square(error).mean()):.1f} "
            f"| {np.abs(error).mean():.1f} | {constant:.1f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Separate all excerpts and print the table; without excerpts, print an error and return 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not 1 <= len(given) <= 4:
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    folder, backend, model, weights = (*given, *("auto", MODEL, "")[len(given) - 1 :])
    torch.set_num_threads(1)
    try:
        separator = open_separator(backend, model, Path(weights).resolve() if weights else None)
        results = [compare(name, song, separator) for name, song in excerpts_in(Path(folder))]
    except AudioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{separator.name}\n\n{table(results)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
