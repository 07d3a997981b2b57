"""Speed of preparing songs, reading clips and predicting: ``python -m mixing.learning.bench``.

The three ratios of the benchmark are measured in one run. The first ratio compares the speed of our
log-mel spectrum with the speed of librosa (CPU time, one thread). The second ratio compares two
ways of reading clips at random: from one memory-mapped array, and from one file per clip (CPU time,
everything in the page cache). The third ratio compares preparation by two processes with
preparation by one process (all processes have already started). The third ratio is given for
elapsed time and for CPU time. The ratio in elapsed time needs two free cores; the ratio in CPU time
does not. For CPU time, the single process is compared with the busier one of the two processes. The
program also measures the CPU time of four networks for a song of three minutes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import librosa
import numpy as np
from scipy.signal import lfilter

from mixing.audio import Audio, write_flac
from mixing.learning.data.measuring import measure_song
from mixing.learning.data.song_files import SongFiles, find_song_files
from mixing.learning.features.features import CLIP_FRAMES, N_MELS, log_mel_of
from mixing.learning.features.targets import NETWORKS
from mixing.learning.networks.architectures import new_network
from mixing.learning.networks.networks import tensors_of
from mixing.learning.networks.predict import predict
from mixing.learning.weight_files import DEFAULT_ARCHITECTURE, FORMAT_VERSION, write_weights

RATE = 44_100
N_CLIPS = 2000
N_SONGS, SONG_S = 12, 60


def best_s(clock: Callable[[], float], work: Callable[[], object], runs: int) -> float:
    """Shortest time of ``runs`` runs, after one additional run that is not measured."""
    work()
    times = []
    for _ in range(runs):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def dull_noise(seconds: float, seed: int) -> Audio:
    """Stereo noise whose level decreases towards high frequencies, as in music."""
    noise = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    return np.asarray(lfilter([0.02], [1, -0.97], noise), dtype=np.float32)


def features_ratio() -> float:
    """Speed of our log-mel spectrum relative to librosa's (FFT 2048, hop 1024, 64 triangles)."""
    audio = dull_noise(60, 0)

    def librosas() -> object:
        mono = librosa.to_mono(audio)
        power = librosa.feature.melspectrogram(
            y=mono, sr=RATE, n_fft=2048, hop_length=1024, n_mels=N_MELS, fmin=30, fmax=20_000
        )
        return librosa.power_to_db(power)

    clock = time.process_time
    return best_s(clock, librosas, 5) / best_s(clock, lambda: log_mel_of(audio, RATE), 5)


def timed_measure(song: SongFiles) -> tuple[int, float]:
    """Measure a song; return the id of this process and the CPU seconds that it used."""
    start = time.process_time()
    measure_song(song, "auto")
    return os.getpid(), time.process_time() - start


def preparation_ratios(folder: Path) -> tuple[float, float]:
    """Speed of two measuring processes divided by the speed of one, in elapsed and CPU time."""
    for i in range(N_SONGS):
        place = folder / str(i)
        place.mkdir()
        write_flac(place / "vocal.flac", dull_noise(SONG_S, i), RATE)
        write_flac(place / "backing.flac", dull_noise(SONG_S, N_SONGS + i), RATE)
    songs = find_song_files(folder).songs
    clock, busiest = [], []
    for n_workers in (1, 2):
        with ProcessPoolExecutor(n_workers, get_context("spawn")) as pool:
            spent: list[float] = []

            def measure_all(pool: ProcessPoolExecutor = pool, spent: list[float] = spent) -> object:
                by_process: dict[int, float] = {}
                for process, seconds in pool.map(timed_measure, songs):
                    by_process[process] = by_process.get(process, 0.0) + seconds
                spent.append(max(by_process.values()))
                return by_process

            clock.append(best_s(time.monotonic, measure_all, 2))
            busiest.append(min(spent[1:]))
    return clock[0] / clock[1], busiest[0] / busiest[1]


def asking_s(folder: Path) -> float:
    """CPU seconds that four networks, with all outputs, need for a song of three minutes."""
    index: dict[str, Any] = {"format_version": FORMAT_VERSION, "networks": {}}
    for task, network in NETWORKS.items():
        tensors = tensors_of(new_network(DEFAULT_ARCHITECTURE, len(network.outputs)))
        sha256 = write_weights(tensors, folder / f"{task}.safetensors")
        index["networks"][task] = {"sha256": sha256}
    (folder / "weights.json").write_text(json.dumps(index), encoding="utf-8")
    vocal, backing = dull_noise(180, 0), dull_noise(180, 1)

    def ask() -> None:
        backing_mel = log_mel_of(backing, RATE)
        for task in NETWORKS:
            predict(task, vocal, backing_mel, RATE, folder)

    return best_s(time.process_time, ask, 3)


def reading_ratio(folder: Path) -> float:
    """Speed of reading clips from one array, relative to reading one file per clip."""
    shape = (N_CLIPS, 2, CLIP_FRAMES, N_MELS)
    clips = np.random.default_rng(0).standard_normal(shape).astype(np.float16)
    np.save(folder / "all.npy", clips)
    for i, clip in enumerate(clips):
        np.save(folder / f"{i}.npy", clip)
    order = np.random.default_rng(1).permutation(N_CLIPS)
    mapped = np.load(folder / "all.npy", mmap_mode="r")

    def from_array() -> None:
        for i in order:
            np.array(mapped[i])

    def from_files() -> None:
        for i in order:
            np.load(folder / f"{i}.npy")

    return best_s(time.process_time, from_files, 3) / best_s(time.process_time, from_array, 3)


def main() -> None:
    """Measure all costs and print the results."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("clips", "songs", "weights"):
            (folder / name).mkdir()
        by_clock, by_cpu = preparation_ratios(folder / "songs")
        rows = (
            ("log-mel, times as fast as librosa", features_ratio(), "at least 1.3"),
            ("random reads, times one file a clip", reading_ratio(folder / "clips"), "at least 3"),
            ("two processes to one, by the clock", by_clock, "at least 1.8"),
            ("two processes to one, by CPU time", by_cpu, "at least 1.8"),
            ("all parameters of three minutes, CPU s", asking_s(folder / "weights"), "at most 1"),
        )
    for name, figure, wanted in rows:
        sys.stdout.write(f"{name:<40} {figure:6.2f}   ({wanted})\n")


if __name__ == "__main__":
    main()
