"""Decoding of files without changes: accepted formats, and errors for other formats.

Conventions
-----------
libsndfile reads headers and removes the padding of MP3, Ogg and Opus encoders at the start and the
end. The integers of a WAV, AIFF or FLAC file are always scaled as pedalboard scales them, even if
another library decodes the file. With pedalboard's scale, results are the same as in earlier
versions of mixtrial. Corrections are made by :mod:`mixing.ingest.intake`; this module changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixing.audio import PIECE, Audio, AudioError, pedalboard_io, soundfile
from mixing.ingest.aac import AAC_SUFFIXES, decoded_aac
from mixing.ingest.unstated_length import NOTE, is_unstated, with_length

AUDIO_SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".mp3", ".ogg", ".opus", ".caf", *AAC_SUFFIXES)
"""File name endings of audio files in a folder."""

MAX_DIFFERENCE_S = 0.05
"""Largest allowed difference from the right length in s, because encoders fill their last frame."""

_FLAC_BITS = {"PCM_16": 16, "PCM_24": 24}
# In bytes 20 and 21 of a FLAC file, the lowest four bits belong to the number of samples. The next
# five bits of a FLAC file's bytes 20 and 21 hold the number of bits per sample minus 1.
_BITS_IN_FLAC = slice(20, 22)
_BY_PEDALBOARD = {"FLAC", "WAV", "WAVEX", "AIFF", "RF64"}
_NOBODY_KNOWS = 1 << 40
"""Number of samples (265 days at 48 kHz) from which a stated length is not a length: a FLAC file
without a stated length claims more."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Sound of a file (n_channels, n_samples), its sample rate in Hz, and notes."""

    audio: Audio
    sample_rate: int
    notes: tuple[str, ...] = ()


def read_audio(path: Path) -> tuple[Audio, int]:
    """The unchanged audio of a file, and its sample rate.

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
    found = decode(path)
    return found.audio, found.sample_rate


def decode(path: Path) -> Decoded:
    """Audio of a file, with notes on its header. Raises the same errors as :func:`read_audio`."""
    if not path.is_file():
        raise AudioError(f"There is no audio file {path}.")
    try:
        found = _decoded(path)
    except AudioError:
        raise
    except (ValueError, RuntimeError, OSError) as error:
        raise AudioError(f"{path} cannot be read as audio; export it as WAV or FLAC.") from error
    if found.audio.shape[1] == 0:
        raise AudioError(f"{path} holds no sound (0 samples).")
    _check_channels(path, found.audio.shape[0])
    if not all_pieces(found.audio, lambda piece: bool(np.isfinite(piece).all())):
        raise AudioError(
            f"{path} holds samples that are not numbers (NaN or infinite); export it again."
        )
    return found


def all_pieces(audio: Audio, test: Callable[[Audio], bool]) -> bool:
    """Whether every piece of a sound passes a test; the whole sound is not copied."""
    return all(test(audio[:, start : start + PIECE]) for start in range(0, audio.shape[1], PIECE))


def audio_length(path: Path) -> tuple[int, int]:
    """Number of samples and sample rate of a file, read from its header if possible.

    Raises
    ------
    AudioError
        As :func:`read_audio`.
    """
    header = _header(path)
    if header is not None and 0 < header.frames < _NOBODY_KNOWS:
        return int(header.frames), int(header.samplerate)
    audio, sample_rate = read_audio(path)
    return audio.shape[1], sample_rate


def _header(path: Path) -> Any:
    """Header of a file as read by libsndfile; None if libsndfile does not know the format."""
    try:
        return soundfile.info(path)
    except (soundfile.LibsndfileError, OSError, ValueError):
        return None


def _check_channels(path: Path, n_channels: int) -> None:
    if n_channels > 2:
        raise AudioError(
            f"{path} has {n_channels} channels; mixtrial takes mono or stereo, so export a stereo "
            "downmix of it."
        )


def _decoded(path: Path) -> Decoded:
    """Sound of a file, read by the library that is best for its format."""
    header = _header(path)
    if header is not None:
        _check_channels(path, header.channels)
    elif path.suffix.lower() in AAC_SUFFIXES:
        return Decoded(*decoded_aac(path))
    if header is None or header.frames == 0:
        restated = with_length(path)
        if restated is not None:
            with restated:
                return _by_libsndfile(restated, (NOTE,))
    if header is not None and header.format not in _BY_PEDALBOARD:
        return _with_note_of_missing(_by_libsndfile(path), header)
    if header is not None and _is_plain_flac(path, header):
        found = _plain_flac(path, header)
        if found is not None:
            return found
    try:
        return _by_pedalboard(path, header)
    except ValueError as error:
        # Pedalboard does not read a RIFF file whose stated total size is 0.
        if isinstance(error, AudioError) or header is None:
            raise
        return _by_libsndfile(path, (NOTE,))


def _by_libsndfile(file: Any, notes: tuple[str, ...] = ()) -> Decoded:
    frames, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return Decoded(np.ascontiguousarray(frames.T), int(rate), notes)


def _is_plain_flac(path: Path, header: Any) -> bool:
    """Whether a FLAC file has 16 or 24 bits, states its length and does not begin with a tag."""
    bits = _FLAC_BITS.get(header.subtype)
    if header.format != "FLAC" or bits is None or not 0 < header.frames < _NOBODY_KNOWS:
        return False
    with path.open("rb") as file:
        start = file.read(_BITS_IN_FLAC.stop)
    stated = int.from_bytes(start[_BITS_IN_FLAC], "big") >> 4 & 0x1F
    return start.startswith(b"fLaC") and stated + 1 == bits


def _plain_flac(path: Path, header: Any) -> Decoded | None:
    """FLAC sound, decoded by libsndfile in pedalboard's scale; None if the file is cut off.

    Integers of up to 24 bits, multiplied by a float32 number, give exactly pedalboard's values.
    """
    bits = _FLAC_BITS[header.subtype]
    scale = np.float32(1 / (2 ** (bits - 1) - 1))
    n_read = 0
    try:
        audio = np.empty((header.channels, header.frames), dtype=np.float32)
        for piece in soundfile.blocks(path, PIECE, dtype="int32", always_2d=True):
            part = audio[:, n_read : n_read + len(piece)]
            for channel, sound in enumerate(part):
                whole = piece[:, channel] >> (32 - bits)
                np.multiply(whole, scale, out=sound, dtype=np.float32, casting="unsafe")
            n_read += len(piece)
    except (soundfile.LibsndfileError, MemoryError):  # a file header can state a wrong length
        raise AudioError(damaged(path)) from None
    return Decoded(audio, int(header.samplerate)) if n_read == header.frames else None


def _with_note_of_missing(found: Decoded, header: Any) -> Decoded:
    """The sound, with a note if it is much shorter than its header says or estimates."""
    missing = int(header.frames) - found.audio.shape[1]
    if not MAX_DIFFERENCE_S * found.sample_rate < missing < _NOBODY_KNOWS:
        return found
    note = f"{missing} of {header.frames} samples that its header tells of are missing: cut short?"
    return replace(found, notes=(*found.notes, note))


def _by_pedalboard(path: Path, header: Any) -> Decoded:
    """Sound of a lossless file, read to its end even if the header states another length."""
    with pedalboard_io.AudioFile(str(path)) as file:
        stated, rate = int(file.frames), int(file.samplerate)
        if header is None or header.frames in (0, stated) or header.format == "FLAC":
            audio = np.asarray(file.read(stated), dtype=np.float32)
            if _is_damaged(path, header):
                raise AudioError(damaged(path))
            return Decoded(audio, rate, _unstated_note(header))
    if is_unstated(stated, header.channels, header.subtype):
        return _by_libsndfile(path, (NOTE,))
    missing = stated - int(header.frames)
    if not 0 < missing <= MAX_DIFFERENCE_S * rate:
        raise AudioError(damaged(path))
    return _by_libsndfile(path, (f"{missing} samples that its header states are missing",))


def _unstated_note(header: Any) -> tuple[str, ...]:
    return (NOTE,) if header is not None and header.frames >= _NOBODY_KNOWS else ()


def damaged(path: Path | str) -> str:
    """Error message for a file that was cut off."""
    return f"{path} is damaged: its sound breaks off before its end. Copy or export it again."


def _is_damaged(path: Path, header: Any) -> bool:
    """Whether a FLAC file has less sound than its header states, or contains foreign bytes.

    pedalboard fills missing parts with zeros and decodes damaged parts as noise, without raising an
    error. The file is therefore decoded a second time by libsndfile, which raises an error for a
    damaged file.
    """
    if header is None or header.format != "FLAC" or header.frames >= _NOBODY_KNOWS:
        return False
    try:
        for _ in soundfile.blocks(path, PIECE, dtype="float32"):
            pass
    except soundfile.LibsndfileError:
        return True
    return False
