"""Computing time of the processing chain and of common programs: ``python -m mixing.bench``.

All times are CPU times of one thread. Each time is the shortest of several runs in one process. The
input is a synthetic stereo song of 180 s at 44.1 kHz. On different machines, ratios of times are
similar, but times in seconds are not. The program needs the development dependencies (pyloudnorm,
pyebur128).

Subjects of the comparison
----------------
chain
    The whole chain: FLAC files in, four EQ bands, compression to a loudness range, reverb, balance,
    loudness and true peak, FLAC file out.
one pass
    The same effects as in mixtrial's chain, computed by pedalboard with fixed settings; nothing is
    measured.
floor
    Decoding of both files, addition of vocal and backing, and encoding of the sum.
masking decision
    For a whole song, the masking rule chooses the bands of the vocal to cut and to boost.
naive search
    A search for a loudness range: pedalboard's compressor processes the audio six times, and
    pyloudnorm measures the loudness range after each time. The search reads no files, writes no
    files, and has no EQ and no reverb.
naive chain
    Three steps: the processing of “one pass”, the naive search, and pyloudnorm's loudness of vocal,
    backing and mix.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyebur128
import pyloudnorm
from pedalboard import (  # type: ignore[attr-defined] # its stubs leave out Pedalboard
    Compressor,
    Convolution,
    Gain,
    PeakFilter,
    Pedalboard,
)
from scipy.signal import lfilter

from mixing.audio import Audio, write_flac
from mixing.chain import render
from mixing.effects.compressor import compress_to_range
from mixing.effects.reverb import impulse_response
from mixing.ingest.intake import read_song
from mixing.meters.loudness import block_powers, integrated_from_powers, range_from_powers
from mixing.parameters import CompressionTarget, EqBand, MixParameters, ReverbParameters
from mixing.profiles import CORRECTED
from mixing.rules.masking import masking_decision

SECONDS, RATE = 180, 44_100
EQ = (EqBand(250, -3), EqBand(1000, 2), EqBand(4000, 3), EqBand(8000, -2))
REVERB = ReverbParameters(0.4, 1.8, 0.03, 15.0, 102.0, -2.1, 0.53, 11_858.0, -16.0, 0.77)
TARGET_LU = 9.0
PARAMETERS = MixParameters(EQ, CompressionTarget(TARGET_LU), REVERB, -3.43)

Table = dict[str, float]


def cpu_seconds(work: Callable[[], object], runs: int = 4) -> float:
    """Shortest CPU time of ``runs`` runs, after one additional run that is not measured."""
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def synthetic_stem(seed: int, swing_db: float) -> Audio:
    """Low-pass noise and tones in phrases of one second, (2, n); as hard to encode as music."""
    rng = np.random.default_rng(seed)
    n = SECONDS * RATE
    noise = lfilter([0.02], [1, -0.97], rng.standard_normal((2, n)))
    tone = 0.1 * np.sin(
        np.cumsum(np.repeat(rng.uniform(150, 900, SECONDS), RATE)) * 2 * np.pi / RATE
    )
    level_db = np.interp(
        np.arange(n) / RATE, np.arange(SECONDS + 1), rng.uniform(-swing_db, 0, SECONDS + 1)
    )
    return np.asarray((noise + tone) * 10 ** (level_db / 20), dtype=np.float32)


def one_pass(vocal_path: Path, backing_path: Path, out: Path, response: Audio) -> None:
    """Processing by pedalboard alone, with fixed settings; nothing is measured."""
    song = read_song(vocal_path, backing_path)
    filters = [PeakFilter(band.frequency_hz, band.gain_db, band.q) for band in EQ]
    effects = [Compressor(-25.0, 2.0, 30.0, 150.0), Convolution(response, 1.0, RATE), Gain(-6.0)]
    write_flac(out, Pedalboard([*filters, *effects])(song.vocal, RATE) + song.backing, RATE)


def naive_search(vocal: Audio) -> None:
    """Six compressions by pedalboard, each followed by a measurement of the result."""
    meter = pyloudnorm.Meter(RATE)
    for threshold_db in (-15.0, -20.0, -25.0, -30.0, -27.0, -26.0):
        compressed = Compressor(threshold_db, 2.0, 30.0, 150.0)(vocal, RATE)
        meter.loudness_range(compressed.T)


def naive_chain(vocal_path: Path, backing_path: Path, out: Path, response: Audio) -> None:
    """The processing of mixtrial's chain, but done by pedalboard and pyloudnorm."""
    one_pass(vocal_path, backing_path, out, response)
    song = read_song(vocal_path, backing_path)
    naive_search(song.vocal)
    for audio in (song.vocal, song.backing, song.vocal + song.backing):
        pyloudnorm.Meter(RATE).integrated_loudness(audio.T)


def chain_times(folder: Path) -> Table:
    """CPU seconds of the whole processing by mixtrial and by other programs."""
    vocal_path, backing_path, out = (folder / f"{n}.flac" for n in ("vocal", "backing", "out"))
    write_flac(vocal_path, synthetic_stem(1, 30), RATE)
    write_flac(backing_path, synthetic_stem(2, 8), RATE)
    song = read_song(vocal_path, backing_path)
    response = impulse_response(REVERB, RATE)

    def chain() -> None:
        song = replace(read_song(vocal_path, backing_path), disposable=True)
        mix = render(song, PARAMETERS, "bench")
        write_flac(out, mix.audio, RATE)

    def floor() -> None:
        read = read_song(vocal_path, backing_path)
        write_flac(out, np.float32(0.5) * (read.vocal + read.backing), RATE)

    target = CompressionTarget(TARGET_LU)
    return {
        "chain": cpu_seconds(chain),
        "one pass": cpu_seconds(lambda: one_pass(vocal_path, backing_path, out, response)),
        "floor": cpu_seconds(floor),
        "compression to target": cpu_seconds(
            lambda: compress_to_range(song.vocal, RATE, target, CORRECTED)
        ),
        "masking decision": cpu_seconds(
            lambda: masking_decision(song.vocal, song.backing, RATE, CORRECTED)
        ),
        "naive search": cpu_seconds(lambda: naive_search(song.vocal), runs=1),
        "naive chain": cpu_seconds(
            lambda: naive_chain(vocal_path, backing_path, out, response), runs=1
        ),
    }


def meter_times() -> Table:
    """CPU seconds for integrated loudness and loudness range by three meters."""
    audio = synthetic_stem(3, 20)
    frames = np.ascontiguousarray(audio.T.ravel(), dtype=np.float64)
    samples = np.ascontiguousarray(audio.T, dtype=np.float64)
    mode = pyebur128.MeasurementMode
    meter = pyloudnorm.Meter(RATE)

    def ours() -> None:
        powers = block_powers(audio, RATE)
        integrated_from_powers(powers)
        range_from_powers(powers)

    def libebur128() -> None:
        state = pyebur128.R128State(2, RATE, mode.MODE_I | mode.MODE_LRA)
        state.add_frames(frames, audio.shape[1])
        pyebur128.get_loudness_global(state)
        pyebur128.get_loudness_range(state)

    def loudnorm() -> None:
        meter.integrated_loudness(samples)
        meter.loudness_range(samples)

    return {
        "our meters": cpu_seconds(ours),
        "pyebur128": cpu_seconds(libebur128),
        "pyloudnorm": cpu_seconds(loudnorm, runs=1),
    }


def table(chain: Table, meters: Table) -> str:
    """Times and ratios as a Markdown table; each ratio is shown beside its target."""
    rows = [
        ("chain / one pass without metering", chain["chain"] / chain["one pass"], "at most 0.7"),
        ("chain / decode, add, encode", chain["chain"] / chain["floor"], "at most 1.5"),
        (
            "masking decision / decode, add, encode",
            chain["masking decision"] / chain["floor"],
            "at most 0.3",
        ),
        ("naive chain / chain", chain["naive chain"] / chain["chain"], "at least 6"),
        (
            "naive search / compression to target",
            chain["naive search"] / chain["compression to target"],
            "at least 6",
        ),
        ("pyebur128 / our meters", meters["pyebur128"] / meters["our meters"], "at least 2"),
        ("pyloudnorm / our meters", meters["pyloudnorm"] / meters["our meters"], "at least 7"),
    ]
    lines = [f"| CPU time for {SECONDS} s of stereo | seconds |", "|---|---|"]
    lines += [f"| {name} | {seconds:.3f} |" for name, seconds in (chain | meters).items()]
    lines += ["", "| ratio | measured | wanted |", "|---|---|---|"]
    lines += [f"| {name} | {ratio:.2f} | {wanted} |" for name, ratio, wanted in rows]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        text = table(chain_times(Path(folder)), meter_times())
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
