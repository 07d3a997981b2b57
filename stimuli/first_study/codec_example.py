"""Recordings for a first codec test: the demo's songs, each as original and from three codecs.

Conventions
-----------
Files are ``audio/SONG/SYSTEM.*``: ``reference.flac`` beside ``mp3.mp3``, ``vorbis.ogg`` and
``opus.opus``, all at 48 kHz, because Opus does not support 44.1 kHz. libsndfile, which is part of
the installation, codes the files, so that no other program is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

import stimuli
from mixing.audio import as_stereo, sample_peak, soundfile, write_flac
from mixing.ingest.intake import read_song

SAMPLE_RATE = 48_000
STARTS_S = {"harbour_lights": 4, "neon_tide": 4, "willow_road": 4}
DURATION_S = 6
PEAK = 0.7
"""Leaves room for what a codec adds to the peaks."""


class Codec(NamedTuple):
    """Settings of a codec for libsndfile; ``compression``: 0 (best sound) to 1 (smallest file)."""

    suffix: str
    container: str
    subtype: str
    compression: float


CODECS = {
    "mp3": Codec(".mp3", "MP3", "MPEG_LAYER_III", 0.95),
    "opus": Codec(".opus", "OGG", "OPUS", 0.93),
    "vorbis": Codec(".ogg", "OGG", "VORBIS", 1.0),
}


def write_codec_example(folder: Path) -> None:
    """Write the recordings below ``folder / "audio"``."""
    songs = Path(str(stimuli.__file__)).parent / "demo" / "songs"
    for name, start_s in STARTS_S.items():
        place = folder / "audio" / name
        place.mkdir(parents=True)
        recording = _recording(songs / name, start_s)
        write_flac(place / "reference.flac", recording, SAMPLE_RATE)
        for system, codec in CODECS.items():
            soundfile.write(
                place / f"{system}{codec.suffix}",
                recording.T,
                SAMPLE_RATE,
                format=codec.container,
                subtype=codec.subtype,
                compression_level=codec.compression,
            )


def _recording(song: Path, start_s: int) -> npt.NDArray[np.float32]:
    """An excerpt of vocal and backing together, shape (2, samples)."""
    stems = read_song(song / "vocal.flac", song / "backing.ogg")
    rate = stems.sample_rate
    stretch = slice(start_s * rate, (start_s + DURATION_S) * rate)
    both = as_stereo(stems.vocal)[:, stretch] + as_stereo(stems.backing)[:, stretch]
    common = int(np.gcd(rate, SAMPLE_RATE))
    raised = resample_poly(both, SAMPLE_RATE // common, rate // common, axis=1)
    raised -= raised.mean(axis=1, keepdims=True)
    return (raised * (PEAK / sample_peak(raised))).astype(np.float32)
