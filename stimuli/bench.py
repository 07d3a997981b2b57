"""``python -m stimuli.bench``: time of a build, and how much faster a second core makes it.

The measured build renders fifteen synthetic songs, alternately with one process and with two
processes. The runs with one process and with two processes alternate, so other programs on the
machine slow both. The result is the shortest elapsed time for each number of processes. The time of
two processes includes the time to start them. Every measured process has one thread.

In the second measurement, a MUSHRA test is built from finished files; the build also makes the
anchors. The build of the MUSHRA test alternates with the least work that the test's audio needs:
decoding each file, measuring each stimulus, and encoding each served file once. The result compares
two CPU times: the shortest of several builds, and the shortest of the least possible work. All
pages of the test take the same time, so the benchmark measures two songs instead of ten.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from threadpoolctl import threadpool_limits

from mixing.audio import Audio, write_flac
from mixing.ingest.decoding import read_audio
from mixing.meters.loudness import measure
from stimuli.loading.load import load_study
from stimuli.rendering.render import build
from stimuli.study.manifest import Manifest
from stimuli.study.study import Study

N_SONGS = 15
SECONDS, RATE = 90, 44_100
ROUNDS = 2
WORKERS = (1, 2)

N_CODEC_SONGS, N_CODECS = 2, 8
CODEC_SECONDS, CODEC_RATE = 10, 48_000
CODEC_STUDY = """\
title: Codecs
files: audio/{song}/{system}.*
reference: audio/{song}/reference.*
parts: [{type: mushra}]
"""


def synthetic_song(seed: int) -> tuple[Audio, Audio]:
    """Vocal (tones in phrases of one second) and backing (noise bursts), each of shape (2, n)."""
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
    """Write fifteen songs and a study of them with three systems into ``folder``."""
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
    """Shortest elapsed time, in seconds, for each number of processes."""
    study = synthetic_study(folder)
    best = dict.fromkeys(WORKERS, float("inf"))
    for turn in range(rounds):
        for workers in WORKERS:
            start = time.perf_counter()
            build(study, folder / f"{turn}_{workers}", workers)
            best[workers] = min(best[workers], time.perf_counter() - start)
    return best


def codec_study(folder: Path) -> Study:
    """Write songs in several codecs with a reference, and a MUSHRA test of these songs."""
    for song in range(N_CODEC_SONGS):
        audio = folder / "audio" / f"song_{song}"
        audio.mkdir(parents=True)
        for codec in range(N_CODECS + 1):
            rng = np.random.default_rng([song, codec])
            sound = 0.1 * rng.standard_normal((CODEC_SECONDS * CODEC_RATE, 2))
            name = f"codec_{codec}" if codec else "reference"
            soundfile.write(audio / f"{name}.wav", sound, CODEC_RATE)
    (folder / "study.yaml").write_text(CODEC_STUDY, encoding="utf-8")
    return load_study(folder / "study.yaml")


def codec_times(folder: Path, rounds: int = ROUNDS) -> tuple[float, float]:
    """Shortest CPU times (s) of a build and of the least possible work for the build's audio."""
    study = codec_study(folder)
    best_build = best_audio = float("inf")
    for turn in range(rounds):
        start = time.process_time()
        manifest = build(study, folder / f"build_{turn}", workers=1)
        built = time.process_time()
        _decode_measure_encode(study, manifest, folder)
        best_build = min(best_build, built - start)
        best_audio = min(best_audio, time.process_time() - built)
    return best_build, best_audio


def _decode_measure_encode(study: Study, manifest: Manifest, folder: Path) -> None:
    """Do the work that no build can avoid.

    An anchor is measured and encoded like its reference.
    """
    for song in study.songs:
        reference = read_audio(song.measure_file)
        for stimulus in (each for each in manifest.stimuli if each.song == song.name):
            file = song.files.get(stimulus.system)
            audio, rate = read_audio(file) if file else reference
            measure(audio, rate)
            for _ in stimulus.files:
                write_flac(folder / "encoded.flac", audio, rate)


def codec_table(build_s: float, audio_s: float) -> str:
    """Markdown table: the times for a MUSHRA test of codecs, and the ratio of these times."""
    return "\n".join(
        [
            f"| {N_CODEC_SONGS} songs, {N_CODECS} codecs, MUSHRA with anchors | processor s |",
            "|---|---|",
            f"| build | {build_s:.1f} |",
            f"| decode, measure and encode its audio once | {audio_s:.1f} |",
            "",
            "| ratio | measured | wanted |",
            "|---|---|---|",
            f"| build / decode, measure, encode | {build_s / audio_s:.2f} | at most 2 |",
        ]
    )


def table(seconds: dict[int, float]) -> str:
    """Markdown table: the rendering times, and the ratio of these times."""
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
    threadpool_limits(1)  # this process also has only one thread, like each worker
    with tempfile.TemporaryDirectory() as folder:
        text = table(build_times(Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        text += "\n\n" + codec_table(*codec_times(Path(folder)))
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
