"""FLAC files that reveal nothing but their sound: equal headers, equal sizes, no tags.

Conventions
-----------
Functions take and return the bytes of whole files, as from an encoder with one block size. The
layout of FLAC is in RFC 9639, sections 8 and 9.

Notes
-----
A usual FLAC file reveals its content even without playback. The FLAC file of a dense mix is larger
than that of an anchor; the size of the file and the frame sizes in its header reveal this
difference. The header contains the MD5 of the samples, which is the same for a reference and its
hidden copy. For these reasons, this module sets the header's fields for the frame sizes and the MD5
to 0, which means unknown. A file that is smaller than the page's largest file is enlarged to the
size of the largest file. In an enlarged file, some frames chosen at random are stored as
uncompressed samples. At least a few kilobytes of random bytes follow the last frame. The first
frame of every file is uncompressed. The header of a compressed first frame would show how the
encoder coded the two channels.

Decoders that follow the standard can read a file if all random bytes follow the last frame, and
also if they are in a padding block before the first frame. But the length of a padding block would
reveal how large the file was. Firefox drops the last frame if more than 1 MB follows this frame.
The number of samples stays in the header; it is equal for all files of a page. Without the number
of samples in the header, libsndfile cannot read a file with bytes after its last frame.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mixing.audio import soundfile
from mixing.compiled import compiled
from stimuli.study.blind_header import HEADER_BYTES, START, UNKNOWN_FRAMES, UNKNOWN_MD5

_BLOCK_SIZES = slice(8, 12)
_SIZE_STEP = 4096
_LEAST_NOISE = 4096  # smallest number of noise bytes at the end of a file
_VERBATIM = b"\x02"  # subframe type: uncompressed samples with all their bits
_FRAME_SIZE_CODES = {6: 1, 7: 2}  # number of header bytes that hold the block size, by code
_RATE_CODES = {12: 1, 13: 2, 14: 2}


def alike(files: Sequence[bytes], seeds: Sequence[int]) -> list[bytes]:
    """Return the recordings of a page as files of the same size that differ only in their sound.

    ``seeds``, one per file, determine the random parts of the files. A file that this function made
    earlier is encoded again.

    Raises
    ------
    ValueError
        The bytes are not FLAC files, or the recordings differ in length, sample rate, number of
        channels or bit depth.
    """
    recordings = [_taken_apart(file) for file in files]
    if len({recording.header for recording in recordings}) > 1:
        raise ValueError(
            "The recordings of a page differ in length, sample rate, channels or bit depth."
        )
    largest = max(recording.least_bytes for recording in recordings)
    n_bytes = -(-largest // _SIZE_STEP) * _SIZE_STEP
    return [_grown(*each, n_bytes) for each in zip(recordings, seeds, strict=True)]


@dataclass(frozen=True, slots=True)
class _Recording:
    """A recording in parts: the file's header, the frames (header and data each), the samples.

    ``heads`` holds the length of each frame's header. ``samples`` have the shape (n_samples,
    n_channels).
    """

    header: bytes
    frames: tuple[bytes, ...]
    heads: tuple[int, ...]
    samples: npt.NDArray[np.int32]
    bit_depth: int

    @property
    def least_bytes(self) -> int:
        """Smallest size of the file: uncompressed first frame, and the least noise at the end."""
        packed = sum(map(len, self.frames[1:]))
        return len(self.header) + self.plain_size(0) + packed + _LEAST_NOISE

    def samples_of(self, number: int) -> npt.NDArray[np.int32]:
        """Samples (n_channels, n_samples) of the frame with a given number, counted from 0."""
        n_samples = int.from_bytes(self.header[_BLOCK_SIZES][:2], "big")
        return self.samples[number * n_samples : (number + 1) * n_samples].T

    def plain_size(self, number: int) -> int:
        """Bytes of a frame of uncompressed samples."""
        n_channels, n_samples = self.samples_of(number).shape
        sound = n_channels * (1 + n_samples * self.bit_depth // 8)
        return int(self.heads[number] + sound + 2)

    def plain(self, number: int) -> bytes:
        """Return a frame as uncompressed samples."""
        samples = self.samples_of(number)
        head = bytearray(self.frames[number][: self.heads[number] - 1])
        head[3] = (len(samples) - 1) << 4 | head[3] & 0x0F  # each channel is coded independently
        octets = np.ascontiguousarray(samples, ">i4").view(np.uint8).reshape(len(samples), -1, 4)
        sound = b"".join(_VERBATIM + each[:, : self.bit_depth // 8].tobytes() for each in octets)
        frame = bytes(head) + bytes([_crc8(head)]) + sound
        checksum = int(_crc16(np.frombuffer(frame, np.uint8)))
        return frame + checksum.to_bytes(2, "big")


def _grown(recording: _Recording, seed: int, n_bytes: int) -> bytes:
    """Return the file, enlarged to a given size by uncompressed frames and noise at its end."""
    random = np.random.default_rng(seed)
    frames, left = list(recording.frames), n_bytes - recording.least_bytes
    frames[0] = recording.plain(0)
    for number in 1 + random.permutation(len(frames) - 1):
        gain = recording.plain_size(number) - len(frames[number])
        if 0 < gain <= left:
            frames[number] = recording.plain(number)
            left -= gain
    return recording.header + b"".join(frames) + _noise(random, _LEAST_NOISE + left)


def _noise(random: np.random.Generator, n_bytes: int) -> bytes:
    """Random bytes in which a decoder finds no beginning of a frame."""
    octets = random.integers(256, size=n_bytes, dtype=np.uint8)
    begins = (octets[:-1] == 0xFF) & (octets[1:] >= 0xF8)
    octets[1:][begins] &= 0x7F
    return octets.tobytes()


def _taken_apart(flac: bytes) -> _Recording:
    """Parts of a recording, without any other content of the recording's file."""
    samples, file = _encoded(flac)
    stream_info, sound = _information_and_sound(file)
    header = bytearray(START + stream_info)
    for told in (UNKNOWN_FRAMES, UNKNOWN_MD5):
        header[told] = bytes(told.stop - told.start)
    n_samples_a_frame = int.from_bytes(header[_BLOCK_SIZES][:2], "big")
    starts, heads = _frame_starts(sound, -(-len(samples) // n_samples_a_frame))
    return _Recording(
        header=bytes(header),
        frames=tuple(sound[start:end] for start, end in pairwise([*starts, len(sound)])),
        heads=tuple(heads),
        samples=samples,
        bit_depth=1 + ((header[20] & 1) << 4 | header[21] >> 4),
    )


def _encoded(flac: bytes) -> tuple[npt.NDArray[np.int32], bytes]:
    """Samples of a FLAC file (upper bits of 32-bit numbers), and the file as an encoder writes it.

    A file with an MD5 in its header was written by an encoder; a file made by this module has no
    MD5 and is encoded again.
    """
    if not flac.startswith(START[:4]):
        raise ValueError("These bytes are not a FLAC file.")
    try:
        with soundfile.SoundFile(io.BytesIO(flac)) as file:
            samples = file.read(dtype="int32", always_2d=True)
            form = (file.samplerate, file.subtype)
    except soundfile.LibsndfileError as error:
        raise ValueError("This FLAC file cannot be decoded.") from error
    if any(flac[UNKNOWN_MD5]):
        return samples, flac
    encoded = io.BytesIO()
    soundfile.write(encoded, samples, *form, format="FLAC")
    return samples, encoded.getvalue()


def _information_and_sound(flac: bytes) -> tuple[bytes, bytes]:
    """Stream information of a FLAC file, and everything after its last metadata block."""
    position, is_last = 4, False
    while not is_last:
        is_last = flac[position] >= 0x80
        position += 4 + int.from_bytes(flac[position + 1 : position + 4], "big")
    return flac[8:HEADER_BYTES], flac[position:]


def _frame_starts(sound: bytes, n_frames: int) -> tuple[list[int], list[int]]:
    """Start of each frame, and the length of its header."""
    starts: list[int] = []
    heads: list[int] = []
    place = 0
    for number in range(n_frames):
        while not (length := _head_length(sound, place, number)):
            place = sound.index(b"\xff\xf8", place + 1)
        starts.append(place)
        heads.append(length)
        place += length
    return starts, heads


def _head_length(sound: bytes, place: int, number: int) -> int:
    """Length of the header of frame ``number`` at this place; 0 if no such frame begins there."""
    coded = chr(number).encode("utf-8", "surrogatepass")  # the frame number, coded as in RFC 9639
    head = sound[place : place + 16]
    if not head.startswith(b"\xff\xf8") or head[4 : 4 + len(coded)] != coded:
        return 0
    length = 4 + len(coded) + _FRAME_SIZE_CODES.get(head[2] >> 4, 0)
    length += _RATE_CODES.get(head[2] & 0x0F, 0)
    return length + 1 if _crc8(head[:length]) == head[length] else 0


def _crc8(octets: bytes | bytearray) -> int:
    """Checksum of a frame's header, with the polynomial x⁸ + x² + x + 1."""
    remainder = 0
    for octet in octets:
        remainder ^= octet
        for _ in range(8):
            remainder = (remainder << 1 ^ (0x107 if remainder & 0x80 else 0)) & 0xFF
    return remainder


@compiled()
def _crc16(octets: npt.NDArray[np.uint8]) -> int:
    """Checksum of a frame, with the polynomial x¹⁶ + x¹⁵ + x² + 1."""
    remainder = 0
    for octet in octets:
        remainder ^= int(octet) << 8
        for _ in range(8):
            remainder = (remainder << 1 ^ (0x8005 if remainder & 0x8000 else 0)) & 0xFFFF
    return remainder
