"""How much a second core helps a study: ``python -m stimuli.bench``.

A study of fifteen synthetic songs is rendered with one process and with two, in turn, so that
whatever else the machine does falls on both. Each way counts with its best time by the clock; the
two processes pay for being started, which the one does not. Every process has one thread.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mixing.audio import Audio, write_flac
from stimuli.loading.load import load_study
from stimuli.rendering.render import build
from stimuli.study.study import Study

N_SONGS = 15
SECONDS, RATE = 90, 44_100
ROUNDS = 2
WORKERS = (1, 2)


def synthetic_song(seed: int) -> tuple[Audio, Audio]:
    """Vocal and backing (2, n): tones in phrases of a second, a beat of noise bursts."""
    rng = np.random.default_rng(seed)
    n = SECONDS * RATE
    time_s = np.arange(n) / RATE
    pitch_hz = np.repeat(rng.uniform(150, 600, SECONDS), RATE)
    level = 10 ** (np.repeat(rng.uniform(-24, 0, SECONDS), RATE) / 20)
    vocal = 0.2 * level * np.sin(2 * np.pi * np.cumsum(pitch_hz) / RATE)
    beat = np.exp(-8 * (time_s % rng.uniform(0.4, 0.8)))
    backing = 0.05 * rng.standard_normal((2, n)) * beat
    return np.tile(vocal.astype(np.float32), (2, 1)), backing.astype(np.float32)


def synthetic_study(folder: Path) -> Study:
    """Write fifteen songs and a study of them, three systems each, into ``folder``."""
    lines = ["title: Two cores", "systems: [baseline, cnn, random]", "songs:"]
    for number in range(N_SONGS):
        vocal, backing = synthetic_song(number)
        write_flac(folder / f"{number}_vocal.flac", vocal, RATE, 16)
        write_flac(folder / f"{number}_backing.flac", backing, RATE, 16)
        lines += [
            f"  - name: song_{number}",
            f"    vocal: {number}_vocal.flac",
            f"    backing: {number}_backing.flac",
        ]
    (folder / "study.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_study(folder / "study.yaml")


def build_times(folder: Path, rounds: int = ROUNDS) -> dict[int, float]:
    """Best time by the clock, in seconds, for each number of processes."""
    study = synthetic_study(folder)
    best = dict.fromkeys(WORKERS, float("inf"))
    for turn in range(rounds):
        for workers in WORKERS:
            start = time.perf_counter()
            build(study, folder / f"{turn}_{workers}", workers)
            best[workers] = min(best[workers], time.perf_counter() - start)
    return best


def table(seconds: dict[int, float]) -> str:
    """Times and their ratio as a Markdown table."""
    one, two = (seconds[workers] for workers in WORKERS)
    return "\n".join(
        [
            f"| {N_SONGS} songs of {SECONDS} s, three systems | seconds by the clock |",
            "|---|---|",
            f"| one process | {one:.1f} |",
            f"| two processes | {two:.1f} |",
            "",
            "| ratio | measured | wanted |",
            "|---|---|---|",
            f"| one process / two processes | {one / two:.2f} | at least 1.8 |",
        ]
    )


def main() -> None:
    """Print the table."""
    threadpool_limits(1)  # workers limit themselves; this process must not have more than they
    with tempfile.TemporaryDirectory() as folder:
        text = table(build_times(Path(folder)))
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
