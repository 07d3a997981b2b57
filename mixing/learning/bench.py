"""What preparing and reading a dataset costs: ``python -m mixing.learning.bench``.

Ratios, measured in one run: our log-mel against librosa's (CPU time, one thread), preparation by
two processes against one (wall time, the processes already started: it needs two free cores), and
random reads from one memory-mapped array against one file a clip (CPU time, everything in the page
cache).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from mixing.audio import Audio, write_flac
from mixing.learning.features import CLIP_FRAMES, N_MELS, log_mel_of
from mixing.learning.measuring import measure_song
from mixing.learning.song_files import find_song_files

RATE = 44_100
N_CLIPS = 2000
N_SONGS, SONG_S = 12, 60


def best_s(clock: Callable[[], float], work: Callable[[], object], runs: int) -> float:
    """Smallest time of ``runs`` runs, after one run that does not count."""
    work()
    times = []
    for _ in range(runs):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def dull_noise(seconds: float, seed: int) -> Audio:
    """Stereo noise that falls towards high frequencies, as music does."""
    noise = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE)))
    return np.asarray(lfilter([0.02], [1, -0.97], noise), dtype=np.float32)


def features_ratio() -> float:
    """How many times faster our log-mel is than librosa's (FFT 2048, hop 1024, 64 triangles)."""
    import librosa

    audio = dull_noise(60, 0)

    def librosas() -> object:
        mono = librosa.to_mono(audio)
        power = librosa.feature.melspectrogram(
            y=mono, sr=RATE, n_fft=2048, hop_length=1024, n_mels=N_MELS, fmin=30, fmax=20_000
        )
        return librosa.power_to_db(power)

    clock = time.process_time
    return best_s(clock, librosas, 5) / best_s(clock, lambda: log_mel_of(audio, RATE), 5)


def preparation_ratio(folder: Path) -> float:
    """How many times faster two processes measure songs than one."""
    for i in range(N_SONGS):
        place = folder / str(i)
        place.mkdir()
        write_flac(place / "vocal.flac", dull_noise(SONG_S, i), RATE)
        write_flac(place / "backing.flac", dull_noise(SONG_S, N_SONGS + i), RATE)
    songs = find_song_files(folder).songs
    seconds = []
    for n_workers in (1, 2):
        with ProcessPoolExecutor(n_workers, get_context("spawn")) as pool:

            def measure_all(pool: ProcessPoolExecutor = pool) -> object:
                return list(pool.map(measure_song, songs, ["auto"] * len(songs)))

            seconds.append(best_s(time.monotonic, measure_all, 2))
    return seconds[0] / seconds[1]


def reading_ratio(folder: Path) -> float:
    """How many times faster clips are read from one array than from a file each."""
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
    """Measure all three and print them."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "clips").mkdir()
        (folder / "songs").mkdir()
        rows = (
            ("log-mel, times as fast as librosa", features_ratio(), 1.3),
            ("random reads, times one file a clip", reading_ratio(folder / "clips"), 3.0),
            ("preparation, two processes to one", preparation_ratio(folder / "songs"), 1.8),
        )
    for name, ratio, target in rows:
        sys.stdout.write(f"{name:<40} {ratio:6.2f}   (target {target})\n")


if __name__ == "__main__":
    main()
