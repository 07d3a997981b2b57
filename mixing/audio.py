"""Audio in and out of the house: the one door where files become arrays.

Conventions
-----------
Audio is float32 of shape ``(n_channels, n_samples)``, nominally within −1…1; sample rates are
in Hz. Songs are stereo inside the house: a mono file becomes two equal channels, so that it is
heard in both ears. Files are written under a temporary name and renamed when complete
(:func:`written_whole`, which everything that mixing and stimuli write goes through).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile
from pedalboard.io import AudioFile

Audio: TypeAlias = npt.NDArray[np.float32]

MIN_DURATION_S = 3.0
_PIECE = 1 << 16  # samples handled at once: no second copy of a long song
_LARGEST = np.float32(1 - 2**-24)  # the last float32 below full scale
_HEADERS_LIE_FROM = 1 << 29  # samples: 3 h at 48 kHz; a WAV written to a pipe claims more
_LOSSY = {"MP3", "OGG"}
MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 32_000, 96_000


class AudioError(ValueError):
    """Audio that cannot be used; the message is one sentence meant for the user."""


@dataclass(frozen=True, slots=True)
class Song:
    """A vocal and its backing, aligned: two arrays (2, n_samples) of one length and rate.

    ``disposable`` permits whoever mixes the song to overwrite both arrays and to leave out the
    mix's backing, which is the mix less its vocal: ten minutes at 96 kHz then take 1.4 GB instead
    of 2.8.
    """

    vocal: Audio
    backing: Audio
    sample_rate: int
    disposable: bool = False


def as_stereo(audio: Audio) -> Audio:
    """Two channels of ``audio``: mono is doubled, stereo is returned as it is."""
    if audio.shape[0] == 1:
        return np.repeat(audio, 2, axis=0)
    return audio


def read_audio(path: Path) -> tuple[Audio, int]:
    """Audio of a file and its sample rate.

    Returns
    -------
    tuple
        float32 array (n_channels, n_samples), and the sample rate in Hz.

    Raises
    ------
    AudioError
        The file is missing, cannot be decoded, is cut short, is empty, has more than two channels
        or holds samples that are not numbers.
    """
    if not path.is_file():
        raise AudioError(f"there is no audio file {path}")
    try:
        audio, rate = _decoded(path)
    except (ValueError, RuntimeError, OSError) as error:
        raise AudioError(f"{path} cannot be read as audio") from error
    if audio.shape[1] == 0:
        raise AudioError(f"{path} holds no sound (0 samples)")
    if audio.shape[0] > 2:
        raise AudioError(f"{path} has {audio.shape[0]} channels; mixtrial takes mono or stereo")
    if not audio[:, -(rate // 10) :].any() and _is_cut_short(path, audio.shape[1]):
        raise AudioError(f"{path} is damaged: its sound breaks off before its end")
    if not np.isfinite(audio).all():
        raise AudioError(f"{path} holds samples that are not numbers (NaN or infinite)")
    return np.asarray(audio, dtype=np.float32), rate


def audio_length(path: Path) -> tuple[int, int]:
    """Number of samples of a file and its sample rate, from its header where that tells them.

    Raises
    ------
    AudioError
        As :func:`read_audio`.
    """
    try:
        found = soundfile.info(path)
        if 0 < found.frames < _HEADERS_LIE_FROM:
            return int(found.frames), int(found.samplerate)
    except (soundfile.LibsndfileError, OSError, ValueError):
        pass
    audio, sample_rate = read_audio(path)
    return audio.shape[1], sample_rate


def _decoded(path: Path) -> tuple[Audio, int]:
    """Samples of a file and their rate, without the delay and padding that an encoder added.

    libsndfile takes MP3's and Opus's away, pedalboard keeps them (1,105 samples of LAME's).
    """
    if _form(path) in _LOSSY:
        frames, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return np.ascontiguousarray(frames.T), int(rate)
    with AudioFile(str(path)) as file:
        return file.read(file.frames), int(file.samplerate)


def _form(path: Path) -> str:
    """Container of a file as libsndfile calls it; empty where it does not know it."""
    try:
        return str(soundfile.info(path).format)
    except soundfile.LibsndfileError:
        return ""


def _is_cut_short(path: Path, n_samples: int) -> bool:
    """Whether a lossless file holds less sound than its header says.

    pedalboard fills what is missing with zeros and says nothing, so a file that ends in digital
    silence is decoded a second time by libsndfile, which refuses (FLAC) or stops (WAV, AIFF).
    """
    if _form(path) not in {"FLAC", "WAV", "WAVEX", "AIFF"}:
        return False
    try:
        return len(soundfile.read(path, dtype="float32")[0]) < n_samples
    except soundfile.LibsndfileError:
        return True


def read_song(vocal_path: Path, backing_path: Path) -> Song:
    """Vocal and backing of a song, checked against each other.

    Raises
    ------
    AudioError
        As :func:`read_audio`; or the two files differ in length or sample rate, last under
        3 s, have a sample rate outside 32–96 kHz, or are both silent.
    """
    vocal, vocal_rate = read_audio(vocal_path)
    backing, backing_rate = read_audio(backing_path)
    if vocal_rate != backing_rate:
        raise AudioError(
            f"{vocal_path} has a sample rate of {vocal_rate} Hz, {backing_path} of "
            f"{backing_rate} Hz; both must be the same"
        )
    if vocal.shape[1] != backing.shape[1]:
        raise AudioError(
            f"{vocal_path} lasts {vocal.shape[1] / vocal_rate:.3f} s, {backing_path} "
            f"{backing.shape[1] / backing_rate:.3f} s; both must be equally long"
        )
    song = Song(as_stereo(vocal), as_stereo(backing), vocal_rate)
    check_song(song)
    return song


def check_song(song: Song) -> None:
    """Raise ``AudioError`` when a song is too short, at an odd rate, or silent throughout."""
    if not MIN_SAMPLE_RATE <= song.sample_rate <= MAX_SAMPLE_RATE:
        raise AudioError(f"a sample rate of {song.sample_rate} Hz is outside 32000 to 96000 Hz")
    duration_s = song.vocal.shape[1] / song.sample_rate
    if duration_s < MIN_DURATION_S:
        raise AudioError(f"the song lasts {duration_s:.2f} s; at least 3 s are needed")
    if not (song.vocal.any() or song.backing.any()):
        raise AudioError("vocal and backing are both silent")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Temporary name beside ``path`` for a file or a folder that is complete or not there.

    What was written to it is renamed at the end, and removed when the writing fails.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def is_leftover(path: Path) -> bool:
    """Whether a writer that was killed has left a file, which nothing will rename any more."""
    return re.fullmatch(r"\..+\.\d+\.part(\.\w+)?", path.name) is not None


def write_flac(path: Path, audio: Audio, sample_rate: int, bit_depth: int = 24) -> None:
    """Write ``audio`` (n_channels, n_samples) as FLAC, complete or not at all.

    Raises
    ------
    AudioError
        A sample lies outside −1…1 (FLAC would clip it silently), or the folder is not writable.
    """
    if sample_peak(audio) > 1.0:
        raise AudioError(f"{path.name} would clip: its sample peak is above full scale")
    form = (sample_rate, audio.shape[0], f"PCM_{bit_depth}")
    try:
        with (
            written_whole(path) as part,
            soundfile.SoundFile(part, "w", *form, format="FLAC") as file,
        ):
            for start in range(0, audio.shape[1], _PIECE):
                file.write(_as_integers(audio[:, start : start + _PIECE]))
    except (ValueError, RuntimeError, OSError) as error:
        raise AudioError(f"{path} cannot be written: is the folder there and writable?") from error


def sample_peak(audio: Audio) -> float:
    """Largest magnitude of all samples, found without a copy; 0 for empty audio, NaN with NaN."""
    peak = np.float32(0)
    for start in range(0, audio.shape[1], _PIECE):
        piece = audio[:, start : start + _PIECE]
        peak = np.maximum(peak, np.maximum(piece.max(), -piece.min()))
    return float(peak)


def _as_integers(audio: Audio) -> npt.NDArray[np.int32]:
    """Interleaved 32-bit samples, of which the encoder keeps the upper 16 or 24 bits."""
    frames = np.minimum(audio.T, _LARGEST) * np.float32(2**31)
    return np.ascontiguousarray(frames.astype(np.int32))
