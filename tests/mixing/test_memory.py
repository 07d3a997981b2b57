"""Ten minutes are mixed within 1.5 GB, at any usual rate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mixing.audio import Audio, Song, write_flac
from mixing.chain import render
from mixing.parameters import CompressionTarget, EqBand, MixParameters, ReverbParameters
from mixing.profiles import CORRECTED, LI2022, Profile

REVERB = ReverbParameters(0.3, 0.6, 0.1, 10.0, 100.0, -2.0, 0.5, 10_000.0, -16.0, 0.7)
PARAMETERS = MixParameters((EqBand(1000.0, 4.0),), CompressionTarget(4.0), REVERB, -3.0)
# Runs a command and prints what its largest process needed, in kilobytes.
MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def music(seconds: float, rate: int, seed: int) -> Audio:
    """Stereo noise in phrases of four seconds, so far apart in level that it gets compressed."""
    rng = np.random.default_rng(seed)
    audio = rng.standard_normal((2, round(seconds * rate)), dtype=np.float32)
    level_db = np.repeat(rng.uniform(-40, -14, round(seconds) // 4 + 1), 4 * rate)
    level_db = level_db[: audio.shape[1]]
    audio *= (10 ** (level_db / 20)).astype(np.float32)
    return np.clip(audio, -1, 1, out=audio)


@pytest.mark.parametrize("profile", [CORRECTED, LI2022])
def test_a_disposable_song_gives_the_same_mix_without_a_backing(profile: Profile) -> None:
    """Working in the song's own memory changes no sample; a song to be kept stays as it was."""
    vocal, backing = music(6, 32_000, 1), music(6, 32_000, 2)
    song = Song(vocal.copy(), backing.copy(), 32_000)
    kept = render(song, PARAMETERS, "test", profile)
    assert np.array_equal(song.vocal, vocal)
    assert np.array_equal(song.backing, backing)
    disposable = Song(vocal, backing, 32_000, disposable=True)
    mix = render(disposable, PARAMETERS, "test", profile)
    assert np.array_equal(mix.audio, kept.audio)
    assert mix.audio is backing
    assert np.array_equal(mix.vocal, kept.vocal)
    assert mix.backing is None
    assert np.abs(mix.audio - mix.vocal - kept.backing).max() < 2**-23
    assert mix.report == kept.report


def test_a_disposable_mix_held_down_by_a_peak_holds_its_vocal_down_too() -> None:
    """Mix and vocal are lowered together: their difference is the backing that is kept."""
    vocal, backing = music(6, 32_000, 1), music(6, 32_000, 2) / 30
    backing[:, 1000] = 1.0
    kept = render(Song(vocal.copy(), backing.copy(), 32_000), PARAMETERS, "test")
    assert kept.report.true_peak_dbtp == pytest.approx(-1.0, abs=0.01)
    mix = render(Song(vocal, backing, 32_000, disposable=True), PARAMETERS, "test")
    assert np.abs(mix.vocal - kept.vocal).max() < 2**-23
    assert np.abs(mix.audio - mix.vocal - kept.backing).max() < 2**-22


@pytest.mark.slow
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("options", ["baseline", "random", "cnn", "baseline --stems"])
def test_ten_minutes_are_mixed_within_1_5_gigabytes(
    tmp_path: Path, rate: int, options: str
) -> None:
    """The command's largest process, reading and writing included; 1 GB is 10⁹ bytes."""
    paths = {name: tmp_path / f"{name}.flac" for name in ("vocal", "backing", "out")}
    for seed, name in enumerate(("vocal", "backing")):
        write_flac(paths[name], music(600, rate, seed), rate, 16)
    arguments = [text for name, path in paths.items() for text in (f"--{name}", str(path))]
    system, *stems = options.split()
    command = [sys.executable, "-m", "mixtrial", "mix", "--system", system, *arguments]
    command += [*stems, str(tmp_path / "stems")] if stems else []
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], check=True, capture_output=True, text=True
    )
    assert int(measured.stdout) * 1024 < 1.5e9
