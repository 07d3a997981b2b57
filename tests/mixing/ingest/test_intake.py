"""Faulty files at the front door: each is mended with a note, or refused with what to do."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixing.audio import Audio, AudioError
from mixing.ingest.intake import read_song, taken_in

RATE = 48_000
N = RATE // 2


def tone(n_samples: int = N, rate: int = RATE, frequency_hz: float = 330.0) -> Audio:
    """Whole periods of a sine in both ears, a quarter of one apart, at −14 dBFS."""
    phase = 2 * np.pi * frequency_hz * np.arange(n_samples) / rate
    return np.asarray(0.2 * np.stack([np.sin(phase), np.cos(phase)]), dtype=np.float32)


def write(path: Path, sound: Audio, rate: int = RATE, subtype: str = "FLOAT") -> Path:
    """Write a sound as WAV."""
    soundfile.write(path, sound.T, rate, subtype=subtype)
    return path


def limited(sound: Audio) -> Audio:
    """Sound driven 20 dB into full scale."""
    return np.clip(10 * sound, -1, 1)


MENDED: list[tuple[str, Audio, tuple[str, ...]]] = [
    ("nothing wrong", tone(), ()),
    ("one sample short", tone()[:, :-1], ("1 samples of silence added at the end",)),
    ("one sample long", tone(N + 1), ("1 samples cut off at the end",)),
    ("50 ms short", tone(N - 2400), ("2400 samples of silence added at the end",)),
    ("50 ms long", tone(N + 2400), ("2400 samples cut off at the end",)),
    ("DC", tone() + np.float32(0.3), ("DC of +0.3 of full scale removed",)),
    (
        "DC in one channel",
        tone() - np.float32([[0.0], [0.02]]),
        ("DC of -0.02 of full scale removed",),
    ),
    (
        "DC in a soft recording",
        tone() / 100 + np.float32(0.001),
        ("DC of +0.001 of full scale removed",),
    ),
    (
        "DC alone",
        np.full((2, N), 0.25, np.float32),
        ("DC of +0.25 of full scale removed", "nearly silent: its peak is -200 dBFS"),
    ),
    ("silence", np.zeros((2, N), np.float32), ("silent",)),
    ("near-silence", tone() / 500, ("nearly silent: its peak is -68 dBFS",)),
    ("left alone", tone() * [[1], [0]], ("one-sided: only the left channel holds sound",)),
    ("right alone", tone() * [[1e-4], [1]], ("one-sided: only the right channel holds sound",)),
    (
        "antiphase",
        tone()[:1] * np.float32([[1], [-1]]),
        ("in antiphase: its channels cancel each other in mono",),
    ),
    (
        "antiphase and DC",
        tone()[:1] * np.float32([[1], [-1]]) + np.float32(0.1),
        (
            "DC of +0.1 of full scale removed",
            "in antiphase: its channels cancel each other in mono",
        ),
    ),
    ("mono", tone()[:1], ()),
    ("above full scale, unclipped", 9 * tone(), ()),
]


@pytest.mark.parametrize(("sound", "notes"), [m[1:] for m in MENDED], ids=[m[0] for m in MENDED])
def test_a_faulty_recording_is_mended_or_named(
    tmp_path: Path, sound: Audio, notes: tuple[str, ...]
) -> None:
    """Stereo of the song's length comes out, with a sentence for each fault and none besides."""
    taken = taken_in(write(tmp_path / "a.wav", sound), RATE, N)
    assert taken.notes == notes
    assert taken.audio.shape == (2, N)
    assert taken.audio.dtype == np.float32


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT"])
def test_clipping_is_counted_in_every_width(tmp_path: Path, subtype: str) -> None:
    """A sine driven to twice full scale stands there for two thirds of the time: arcsin(1/2)."""
    path = write(tmp_path / "a.wav", np.clip(10 * tone(), -1, 1), subtype=subtype)
    (note,) = taken_in(path, RATE, N).notes
    n_clipped = int(note.split()[1])
    n_runs = 4 * 330 / 2  # two a period in each of two channels; two samples of each do not count
    assert n_clipped == pytest.approx(2 * N * 2 / 3 - 2 * n_runs, rel=0.01)


def test_a_peak_at_full_scale_is_no_clipping(tmp_path: Path) -> None:
    """A recording normalised to 0 dBFS touches it once a period."""
    sound = tone(frequency_hz=1000.0) / 0.2
    assert taken_in(write(tmp_path / "a.wav", sound, subtype="PCM_24"), RATE, N).notes == ()


def test_what_is_right_stays_to_the_bit_and_dc_leaves_nothing_else_changed(tmp_path: Path) -> None:
    """Of 0.3 of DC, 1e-6 is left, and the sine is as it was."""
    right = taken_in(write(tmp_path / "a.wav", tone()), RATE, N)
    np.testing.assert_array_equal(right.audio, tone())
    mended = taken_in(write(tmp_path / "dc.wav", tone() + np.float32(0.3)), RATE, N)
    np.testing.assert_allclose(mended.audio, tone(), atol=1e-6)


@pytest.mark.parametrize(
    ("rate", "kept"),
    [(8_000, 48_000), (11_025, 48_000), (44_100, 44_100), (96_000, 96_000), (192_000, 48_000)],
)
def test_rates_from_8_to_192_khz_come_to_what_browsers_play(
    tmp_path: Path, rate: int, kept: int
) -> None:
    """The sine is the same at the new rate, ends aside."""
    taken = taken_in(write(tmp_path / "a.wav", tone(rate // 2, rate), rate))
    assert taken.sample_rate == kept
    inner = slice(kept // 20, kept // 2 - kept // 20)
    np.testing.assert_allclose(taken.audio[:, inner], tone(kept // 2, kept)[:, inner], atol=2e-3)
    assert taken.notes == ((f"resampled from {rate} to {kept} Hz",) if rate != kept else ())


@pytest.mark.parametrize(
    ("name", "sound", "rate", "said"),
    [
        (
            "a.wav",
            tone(N - 2401),
            RATE,
            "has 21599 samples at 48000 Hz, the others 24000; the lengths",
        ),
        (
            "a.wav",
            tone(N + 2401),
            RATE,
            r"differ by at most 2400 samples \(50 ms\), so trim or pad the file",
        ),
        ("a.wav", tone(rate=7_999), 7_999, "8000 to 192000 Hz are accepted, so export it at 48000"),
        ("a.wav", tone(), 192_001, "has a sample rate of 192001 Hz"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_the_remedy(
    tmp_path: Path, name: str, sound: Audio, rate: int, said: str
) -> None:
    """In samples, with the file's name."""
    write(tmp_path / name, sound, rate)
    with pytest.raises(AudioError, match=rf"a\.wav .*{said}"):
        taken_in(tmp_path / name, RATE, N)


def test_stems_of_two_rates_and_lengths_make_one_song(tmp_path: Path) -> None:
    """The backing comes to the vocal's rate and length, which the song's notes tell."""
    vocal = write(tmp_path / "vocal.wav", tone(4 * RATE) + np.float32(0.3))
    backing = write(tmp_path / "backing.wav", tone(4 * 192_000 + 10, 192_000), 192_000)
    song = read_song(vocal, backing)
    assert song.vocal.shape == song.backing.shape == (2, 4 * RATE)
    assert song.sample_rate == RATE
    assert np.abs(song.vocal.mean(axis=1)).max() < 1e-6
    assert song.notes == (
        "vocal: DC of +0.3 of full scale removed",
        f"backing: resampled from 192000 to {RATE} Hz",
        "backing: 3 samples cut off at the end",
    )


def test_stems_that_differ_by_more_are_refused(tmp_path: Path) -> None:
    """Both files and both numbers of samples are named."""
    vocal = write(tmp_path / "vocal.wav", tone(4 * RATE))
    backing = write(tmp_path / "backing.wav", tone(3 * RATE))
    said = r"backing\.wav has 144000 samples at 48000 Hz, .*vocal\.wav 192000; the lengths"
    with pytest.raises(AudioError, match=said):
        read_song(vocal, backing)


def streamed(path: Path, sound: Audio) -> None:
    """Write a WAV as a program does that writes into a pipe."""
    write(path, sound, subtype="PCM_16")
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff" * 4
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("a.wav", lambda path, sound: write(path, sound + np.float32(0.3))),
        ("a.flac", lambda path, sound: soundfile.write(path, sound.T, RATE)),
        ("a.mp3", lambda path, sound: soundfile.write(path, sound.T, RATE)),
        ("a.opus", lambda path, sound: soundfile.write(path, sound.T, RATE, "OPUS", format="OGG")),
        ("a.caf", lambda path, sound: soundfile.write(path, sound.T, RATE)),
        ("pipe.wav", streamed),
    ],
)
def test_taking_a_file_in_costs_at_most_five_times_its_sound(
    tmp_path: Path, name: str, save: Callable[[Path, Audio], None]
) -> None:
    """Memory at its highest, with DC removed, the rate converted and the length filled up.

    A file from a pipe claims 4 GB: what counts is what is there.
    """
    sound = tone(10 * RATE)
    save(tmp_path / name, sound)
    tracemalloc.start()
    try:
        taken_in(tmp_path / name, 44_100, 10 * 44_100 + 1000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 5 * sound.nbytes
